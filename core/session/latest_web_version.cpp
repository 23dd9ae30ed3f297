#include "session/latest_web_version.h"

#include <curl/curl.h>

#include <charconv>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "wire/websocket_url.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxScript = 2 << 20;
// Without these two the service takes us for a robot and answers something else.
constexpr const char* kUserAgent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
    "Safari/537.36";
constexpr const char* kFetchSite = "Sec-Fetch-Site: none";

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t keep(char* data, std::size_t size, std::size_t count, void* script) {
  std::string& text = *static_cast<std::string*>(script);
  if (text.size() + size * count > kMaxScript) return CURL_WRITEFUNC_ERROR;
  text.append(data, size * count);
  return size * count;
}

// The body of a 200; nothing for whatever else happens.
std::optional<std::string> fetch(const std::string& url, bool secure,
                                 std::chrono::milliseconds limit) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, CurlDeleter> curl(initialised == CURLE_OK ? curl_easy_init()
                                                                        : nullptr);
  const std::unique_ptr<curl_slist, CurlDeleter> headers(curl_slist_append(nullptr, kFetchSite));
  if (!curl || !headers) return std::nullopt;
  std::string script;
  bool set = true;
  const auto option = [&](CURLoption which, auto value) {
    set = set && curl_easy_setopt(curl.get(), which, value) == CURLE_OK;
  };
  option(CURLOPT_URL, url.c_str());
  option(CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
  option(CURLOPT_USERAGENT, kUserAgent);
  option(CURLOPT_HTTPHEADER, headers.get());
  option(CURLOPT_ACCEPT_ENCODING, "");
  option(CURLOPT_NOSIGNAL, 1L);
  option(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  option(CURLOPT_NETRC, 0L);
  option(CURLOPT_WRITEFUNCTION, &keep);
  option(CURLOPT_WRITEDATA, &script);
  if (!secure) option(CURLOPT_NOPROXY, "*");
  const CURLcode code = set ? curl_easy_perform(curl.get()) : CURLE_FAILED_INIT;
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && status == 200) return script;
  log::info("the service did not say which web version is current: {}",
            code == CURLE_OK ? "HTTP status " + std::to_string(status)
                             : std::string(curl_easy_strerror(code)));
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
    WebVersion version;
    std::uint32_t& revision = version.parts.back();
    const auto [end, error] =
        std::from_chars(script.data() + digits, script.data() + script.size(), revision);
    if (error == std::errc{} && revision != 0) return version;
  }
  return std::nullopt;
}

std::optional<WebVersion> latest_web_version(const std::string& server_url,
                                             std::chrono::milliseconds limit) {
  const WebSocketUrl server = parse_websocket_url(server_url);
  const std::string url = (server.secure ? "https://" : "http://") + server.authority() + "/sw.js";
  const auto script = fetch(url, server.secure, limit);
  if (!script) return std::nullopt;
  const auto version = web_version_in(*script);
  if (!version) log::info("the service's script names no web version");
  return version;
}

}  // namespace wasync
