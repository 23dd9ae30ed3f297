#include "history/media_request.h"

#include <utility>

#include "base/error.h"

namespace wasync {
namespace {

constexpr const char* kOrigin = "https://web.whatsapp.com";

[[noreturn]] void fail(const HttpFailure& failure, const std::string& doing) {
  switch (failure.kind) {
    case HttpFailure::Kind::kInterrupted:
      throw Error(ErrorCode::kInterrupted, "interrupted while " + doing);
    case HttpFailure::Kind::kTooLarge:
      throw Error(ErrorCode::kMedia, doing + " failed: it is larger than allowed");
    case HttpFailure::Kind::kTimedOut:
      throw Error(ErrorCode::kNetwork, "the media server is too slow or does not answer",
                  "it is tried again later");
    case HttpFailure::Kind::kCertificate:
      throw Error(ErrorCode::kNetwork, "the media server's certificate does not verify",
                  "check the system's clock, its CA certificates, and whether a proxy intercepts");
    case HttpFailure::Kind::kUnreachable:
    case HttpFailure::Kind::kBroken: break;
  }
  throw Error(ErrorCode::kNetwork, doing + " failed: " + failure.what,
              "check the network connection; it is tried again later");
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

HttpAnswer send_media_request(HttpClient& client, HttpRequest request, const std::string& doing) {
  HttpResult result = client.send(std::move(request));
  if (const auto* failure = std::get_if<HttpFailure>(&result)) fail(*failure, doing);
  return std::get<HttpAnswer>(std::move(result));
}

}  // namespace wasync
