#include "session/connection/latest_web_version.h"

#include <utility>

#include "base/http.h"
#include "base/log.h"
#include "base/number.h"
#include "wire/websocket_url.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxScript = 2 << 20;
// Without this and Sec-Fetch-Site the service takes us for a robot and answers something else.
constexpr const char* kUserAgent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
    "Safari/537.36";

// The body of a 200; nothing for whatever else happens.
std::optional<std::string> fetch(const WebSocketUrl& server, std::chrono::milliseconds limit) {
  HttpRequest request;
  request.url = (server.secure ? "https://" : "http://") + server.authority() + "/sw.js";
  request.headers = {{"User-Agent", kUserAgent}, {"Sec-Fetch-Site", "none"}};
  request.plain_http = !server.secure;
  request.limits = {.connect = limit, .stall = limit, .total = limit, .body_bytes = kMaxScript};
  HttpClient client;
  HttpResult result = client.send(std::move(request));
  const auto* failure = std::get_if<HttpFailure>(&result);
  auto* answer = std::get_if<HttpAnswer>(&result);
  if (answer != nullptr && answer->status == 200) return std::move(answer->body);
  log::info("the service did not say which web version is current: {}",
            failure ? failure->what : "HTTP status " + std::to_string(answer->status));
  return std::nullopt;
}

}  // namespace

std::optional<WebVersion> web_version_in(std::string_view script) {
  // "client_revision":1234, plain or quoted inside a JavaScript string.
  constexpr std::string_view kKey = "\"client_revision";
  constexpr std::string_view kBetween = "\\\": \t";
  for (std::size_t at = script.find(kKey); at != std::string_view::npos;
       at = script.find(kKey, at + 1)) {
    const std::size_t digits = script.find_first_not_of(kBetween, at + kKey.size());
    if (digits == std::string_view::npos) break;
    std::string_view rest = script.substr(digits);
    WebVersion version;
    version.parts.back() = take_number<std::uint32_t>(rest).value_or(0);
    if (version.parts.back() != 0) return version;
  }
  return std::nullopt;
}

std::optional<WebVersion> latest_web_version(const std::string& server_url,
                                             std::chrono::milliseconds limit) {
  const auto script = fetch(parse_websocket_url(server_url), limit);
  if (!script) return std::nullopt;
  const auto version = web_version_in(*script);
  if (!version) log::info("the service's script names no web version");
  return version;
}

}  // namespace wasync
