#include "google/metadata_server.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/percent.h"

namespace wasync {
namespace {

constexpr const char* kFlavor = "Google";

bool is_authority(std::string_view text) {
  return !text.empty() && text.size() <= 260 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-[]:").find(c) != std::string_view::npos;
  });
}

HttpResult ask(HttpClient& client, MetadataServer& server, const std::string& path,
               std::function<bool()> interrupted) {
  HttpRequest request;
  request.url = "http://" + server.host + "/computeMetadata/v1/" + path;
  request.headers = {{"Metadata-Flavor", kFlavor}};
  request.plain_http = true;  // it is a part of the machine
  request.limits = {.connect = std::chrono::seconds(2),
                    .stall = std::chrono::seconds(5),
                    .total = std::chrono::seconds(10),
                    .body_bytes = 64 << 10};
  request.interrupted = std::move(interrupted);
  HttpResult result = client.send(std::move(request));
  if (const auto* answer = std::get_if<HttpAnswer>(&result)) {
    if (answer->header("metadata-flavor") != kFlavor) {
      return HttpFailure{HttpFailure::Kind::kBroken, "something else answers there"};
    }
    server.known = true;
  }
  return result;
}

}  // namespace

MetadataServer metadata_server(const Environment& environment) {
  const auto host = environment("GCE_METADATA_HOST");
  if (!host) return {};
  if (!is_authority(*host)) {
    throw Error(ErrorCode::kConfig,
                Phrase{"GCE_METADATA_HOST is not a host name or address",
                       "GCE_METADATA_HOST nu este un nume sau o adresă de gazdă"},
                Phrase{"Unset it, or set a name such as metadata.google.internal.",
                       "Șterge variabila sau pune un nume ca metadata.google.internal."});
  }
  return {.host = *host, .known = true};
}

AccessToken fetch_token(HttpClient& client, MetadataServer& server, UnixSeconds now,
                        std::function<bool()> interrupted) {
  const Words whom = Phrase{"the metadata server {}", "serverul de metadate {}"}.with(server.host);
  const HttpResult result =
      ask(client, server,
          "instance/service-accounts/default/token?scopes=" + percent_encode(kFirestoreScope),
          std::move(interrupted));
  const auto* failure = std::get_if<HttpFailure>(&result);
  if (failure != nullptr && !server.known && failure->kind != HttpFailure::Kind::kInterrupted) {
    throw Error(ErrorCode::kConfig,
                Phrase{"there are no credentials for Firestore: no variable names any, gcloud has "
                       "none, and no metadata server answers",
                       "nu există date de acces pentru Firestore: nicio variabilă nu le numește, "
                       "gcloud nu are și niciun server de metadate nu răspunde"},
                Phrase{"Set FIREBASE_SERVICE_ACCOUNT_PATH to a service account's key file, or run "
                       "gcloud auth application-default login.",
                       "Pune în FIREBASE_SERVICE_ACCOUNT_PATH fișierul cu cheia unui cont de "
                       "serviciu sau rulează gcloud auth application-default login."});
  }
  if (failure != nullptr) throw unreachable(whom, *failure);
  const HttpAnswer& answer = std::get<HttpAnswer>(result);
  if (answer.status == 404 || answer.status == 403) {
    throw Error(ErrorCode::kFirestoreRefused,
                Phrase{"{} answered {}: this machine has no service account for Firestore",
                       "{} a răspuns {}: acest sistem nu are un cont de serviciu pentru Firestore"}
                    .with(whom, answer.status),
                Phrase{"Attach one with access to Firestore, or set FIREBASE_SERVICE_ACCOUNT_PATH.",
                       "Atașează unul cu acces la Firestore sau setează "
                       "FIREBASE_SERVICE_ACCOUNT_PATH."});
  }
  if (answer.status != 200) {
    throw answered(whom, answer.status);
  }
  return parse_token(answer, whom, now);
}

std::optional<std::string> fetch_project(HttpClient& client, MetadataServer& server,
                                         std::function<bool()> interrupted) {
  const HttpResult result = ask(client, server, "project/project-id", std::move(interrupted));
  const auto* answer = std::get_if<HttpAnswer>(&result);
  if (answer == nullptr || answer->status != 200 || !is_project_id(answer->body)) {
    return std::nullopt;
  }
  return answer->body;
}

}  // namespace wasync
