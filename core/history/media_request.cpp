#include "history/media_request.h"

#include <utility>

#include "base/error.h"

namespace wasync {
namespace {

constexpr const char* kOrigin = "https://web.whatsapp.com";

[[noreturn]] void fail(const HttpFailure& failure, const Words& doing) {
  switch (failure.kind) {
    case HttpFailure::Kind::kInterrupted:
      throw Error(ErrorCode::kInterrupted, Phrase{"{}: interrupted", "{}: întreruptă"}.with(doing));
    case HttpFailure::Kind::kTooLarge:
      throw Error(ErrorCode::kMedia, Phrase{"{} failed: it is larger than allowed",
                                            "{} nu a reușit: este mai mare decât este permis"}
                                         .with(doing));
    case HttpFailure::Kind::kTimedOut:
      throw Error(ErrorCode::kNetwork,
                  Phrase{"the media server is too slow or does not answer",
                         "serverul media este prea lent sau nu răspunde"},
                  kTriedAgainLater);
    case HttpFailure::Kind::kCertificate:
      throw Error(ErrorCode::kNetwork,
                  Phrase{"the media server's certificate does not verify",
                         "certificatul serverului media nu poate fi verificat"},
                  Phrase{"Check the system's clock, its CA certificates, and whether a proxy "
                         "intercepts the connection.",
                         "Verifică ceasul sistemului, certificatele CA și dacă un proxy "
                         "interceptează conexiunea."});
    case HttpFailure::Kind::kUnreachable:
    case HttpFailure::Kind::kBroken: break;
  }
  throw Error(ErrorCode::kNetwork,
              Phrase{"{} failed: {}", "{} nu a reușit: {}"}.with(doing, failure.what),
              Phrase{"Check the network connection; wa-sync tries again later.",
                     "Verifică rețeaua; wa-sync încearcă din nou mai târziu."});
}

}  // namespace

HttpRequest media_request(std::string url, const std::string& user_agent) {
  HttpRequest request;
  request.url = std::move(url);
  request.headers = {{"Origin", kOrigin}, {"Referer", std::string(kOrigin) + "/"}};
  if (!user_agent.empty()) request.headers.emplace_back("User-Agent", user_agent);
  request.plain_http = true;  // only for this machine: blob_url.cpp refuses other plain URLs
  // Encrypted bytes do not compress, and the offsets of a range would count compressed bytes.
  request.gzip_answer = false;
  return request;
}

HttpAnswer send_media_request(HttpClient& client, HttpRequest request, const Words& doing) {
  HttpResult result = client.send(std::move(request));
  if (const auto* failure = std::get_if<HttpFailure>(&result)) fail(*failure, doing);
  return std::get<HttpAnswer>(std::move(result));
}

}  // namespace wasync
