#include "google/token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/percent.h"
#include "base/text.h"
#include "google/googles_time.h"

namespace wasync {
namespace {

using nlohmann::json;

constexpr std::int64_t kAssertionLifeS = 3600;  // the most that Google allows
constexpr std::int64_t kMostTokenLifeS = 86'400;
constexpr std::size_t kMaxToken = 16 << 10;
constexpr std::size_t kMaxReason = 200;

std::string unpadded(std::string base64) {
  base64.erase(base64.find_last_not_of('=') + 1);
  return base64;
}

// RFC 7523: a token that the service account signs for itself.
std::string assertion(const ServiceAccount& account, UnixSeconds now) {
  json header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.key_id.empty()) header["kid"] = account.key_id;
  const json claims{{"iss", account.email},
                    {"scope", kFirestoreScope},
                    {"aud", account.token_server.url},
                    {"iat", now.value},
                    {"exp", now.value + kAssertionLifeS}};
  // dump() throws for text that is not UTF-8, but a file with such text was refused as no JSON.
  const auto part = [](const json& value) {
    return unpadded(base64url_encode(as_bytes(value.dump())));
  };
  const std::string signed_part = part(header) + "." + part(claims);
  return signed_part + "." + unpadded(base64url_encode(account.key.sign(as_bytes(signed_part))));
}

using Form = std::vector<std::pair<std::string, std::string>>;

HttpRequest token_request(const TokenServer& server, const Form& form,
                          std::function<bool()> interrupted) {
  HttpRequest request;
  request.method = "POST";
  request.url = server.url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  for (const auto& [name, value] : form) {
    if (!request.body.empty()) request.body += '&';
    request.body += name + "=" + percent_encode(value);
  }
  request.plain_http = true;  // to this machine: a TokenServer is checked
  request.limits = {.connect = std::chrono::seconds(10),
                    .stall = std::chrono::seconds(15),
                    .total = std::chrono::seconds(30),
                    .body_bytes = 64 << 10};
  request.interrupted = std::move(interrupted);
  return request;
}

// What OAuth calls "error" and "error_description".
struct Refusal {
  std::string code;
  std::string what;  // both, for people
};

Refusal refusal_of(const HttpAnswer& answer, const Form& form) {
  const json body = json::parse(answer.body, nullptr, false);
  const auto field = [&](const char* name) -> std::string {
    if (!body.is_object() || !body.contains(name) || !body[name].is_string()) return {};
    const std::string safe = terminal_safe(body[name].get_ref<const std::string&>());
    // The answer may quote what we sent; the error must not contain that.
    for (const auto& [key, secret] : form)
      if (secret.size() > 8 && key != "grant_type" && safe.find(secret) != std::string::npos)
        return {};
    return std::string(first_characters(safe, kMaxReason));
  };
  Refusal out{.code = field("error"), .what = "answered " + std::to_string(answer.status)};
  if (!out.code.empty()) out.what = out.code;
  if (const std::string more = field("error_description"); !more.empty()) out.what += ": " + more;
  return out;
}

bool comes_and_goes(long status) {
  return status >= 500 || status == 429 || status == 408;
}

// The answer to a form, when it is a good one.
HttpAnswer ask(HttpClient& client, const TokenServer& server, const Form& form, const Words& whom,
               std::function<bool()> interrupted) {
  HttpResult result = client.send(token_request(server, form, std::move(interrupted)));
  if (const auto* failure = std::get_if<HttpFailure>(&result)) throw unreachable(whom, *failure);
  HttpAnswer answer = std::get<HttpAnswer>(std::move(result));
  learn_googles_time(answer);
  if (comes_and_goes(answer.status)) {
    throw answered(whom, answer.status);
  }
  return answer;
}

Words name_of(const TokenServer& server) {
  return Phrase{"the token server {}", "serverul de tokenuri {}"}.with(server.host);
}

}  // namespace

Error unreachable(const Words& whom, const HttpFailure& failure) {
  const auto because = [&](Phrase what, Phrase hint) {
    return Error(ErrorCode::kFirestoreUnreachable, what.with(whom, failure.what), hint);
  };
  switch (failure.kind) {
    case HttpFailure::Kind::kInterrupted:
      return {ErrorCode::kInterrupted,
              Phrase{"interrupted while asking {}", "întrerupt în așteptarea unui răspuns de la {}"}
                  .with(whom)};
    case HttpFailure::Kind::kTimedOut:
      return because({"{} does not answer: {}", "{} nu răspunde: {}"},
                     {"Check the network connection and any proxy; wa-sync tries again later.",
                      "Verifică rețeaua și proxy-ul; wa-sync încearcă din nou mai târziu."});
    case HttpFailure::Kind::kCertificate:
      return {
          ErrorCode::kFirestoreUnreachable,
          Phrase{"the certificate of {} does not verify", "certificatul pentru {} nu se verifică"}
              .with(whom),
          Phrase{"Check the system's clock, its CA certificates, and whether a proxy intercepts "
                 "the connection.",
                 "Verifică ceasul sistemului, certificatele CA și dacă un proxy interceptează "
                 "conexiunea."}};
    default:
      return because(
          {"{} cannot be reached: {}", "{} nu poate fi contactat: {}"},
          {"Check the network connection, DNS and any proxy; wa-sync tries again later.",
           "Verifică rețeaua, DNS-ul și proxy-ul; wa-sync încearcă din nou mai târziu."});
  }
}

Error answered(const Words& whom, long status) {
  return {ErrorCode::kFirestoreUnreachable,
          Phrase{"{} answered {}", "{} a răspuns {}"}.with(whom, status),
          Phrase{"wa-sync tries again later.", "wa-sync încearcă din nou mai târziu."}};
}

AccessToken parse_token(const HttpAnswer& answer, const Words& whom, UnixSeconds now) {
  const json body = json::parse(answer.body, nullptr, false);
  const auto fail = [&] {
    return Error(
        ErrorCode::kFirestoreUnreachable,
        Phrase{"{} answered something else than a token", "{} a răspuns cu altceva decât un token"}
            .with(whom),
        Phrase{"Check whether a proxy or a captive portal intercepts the connection.",
               "Verifică dacă un proxy sau un portal captiv interceptează conexiunea."});
  };
  if (answer.status != 200 || !body.is_object()) throw fail();
  const auto value = body.find("access_token");
  const auto life = body.find("expires_in");
  if (value == body.end() || !value->is_string() || life == body.end() ||
      !life->is_number_integer()) {
    throw fail();
  }
  AccessToken token{.value = value->get<std::string>(), .expires_at = {}};
  const bool plain = std::ranges::all_of(token.value, [](char c) { return c > ' ' && c < 0x7f; });
  const auto seconds = life->get<std::int64_t>();
  if (token.value.empty() || token.value.size() > kMaxToken || !plain || seconds <= 0) throw fail();
  token.expires_at = {now.value + std::min(seconds, kMostTokenLifeS)};
  return token;
}

AccessToken fetch_token(HttpClient& client, const ServiceAccount& account, UnixSeconds now,
                        std::function<bool()> interrupted) {
  const Form form{{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                  {"assertion", assertion(account, now)}};
  const Words whom = name_of(account.token_server);
  const HttpAnswer answer = ask(client, account.token_server, form, whom, std::move(interrupted));
  if (answer.status < 400) return parse_token(answer, whom, now);
  const Refusal refusal = refusal_of(answer, form);
  const Words what =
      Phrase{"Google refuses the service account {}: {}", "Google refuză contul de serviciu {}: {}"}
          .with(terminal_safe(account.email), refusal.what);
  const Words clock = wrong_clock(answer, now);
  if (refusal.code == "invalid_grant" && !clock.empty()) {
    throw Error(ErrorCode::kFirestoreRefused, Phrase{"{}; {}", "{}; {}"}.with(what, clock),
                Phrase{"Set the clock: timedatectl set-ntp true",
                       "Potrivește ceasul: timedatectl set-ntp true"});
  }
  throw Error(
      ErrorCode::kFirestoreRefused, what,
      Phrase{"Its key may have been deleted, or the account disabled: Google Cloud console > IAM > "
             "Service accounts > Keys.",
             "Cheia lui poate fi ștearsă sau contul dezactivat: Google Cloud console > IAM > "
             "Service accounts > Keys."});
}

AccessToken fetch_token(HttpClient& client, const AuthorizedUser& user, UnixSeconds now,
                        std::function<bool()> interrupted) {
  const Form form{{"grant_type", "refresh_token"},
                  {"client_id", user.client_id},
                  {"client_secret", user.client_secret},
                  {"refresh_token", user.refresh_token}};
  const Words whom = name_of(user.token_server);
  const HttpAnswer answer = ask(client, user.token_server, form, whom, std::move(interrupted));
  if (answer.status < 400) return parse_token(answer, whom, now);
  throw Error(ErrorCode::kFirestoreRefused,
              Phrase{"Google refuses the user's credentials: {}",
                     "Google refuză datele de acces ale utilizatorului: {}"}
                  .with(refusal_of(answer, form).what),
              Phrase{"The login may have expired: gcloud auth application-default login",
                     "Autentificarea poate fi expirată: gcloud auth application-default login"});
}

}  // namespace wasync
