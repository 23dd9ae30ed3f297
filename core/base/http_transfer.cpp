#include "base/http_transfer.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/inflate.h"
#include "base/loopback.h"

namespace wasync {
namespace {

using Kind = HttpFailure::Kind;
using std::chrono::steady_clock;

constexpr long kMaxRedirects = 3;
constexpr std::size_t kMaxHeaderBytes = 256 << 10;

[[noreturn]] void refuse(const char* why) {
  throw Error(ErrorCode::kConfig, std::string("an HTTP request cannot be sent: ") + why);
}

struct UrlParts {
  std::string scheme;
  std::string host;
};

UrlParts parse_url(const std::string& text) {
  struct Release {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
    void operator()(char* part) const { curl_free(part); }
  };
  const std::unique_ptr<CURLU, Release> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
    refuse("its address is no URL");
  }
  const auto part = [&](CURLUPart which) {
    char* found = nullptr;
    if (curl_url_get(url.get(), which, &found, 0) != CURLUE_OK) refuse("its address lacks a host");
    return std::string(std::unique_ptr<char, Release>(found).get());
  };
  return {.scheme = part(CURLUPART_SCHEME), .host = part(CURLUPART_HOST)};
}

bool is_token(std::string_view text) {
  constexpr std::string_view kSeparators = "()<>@,;:\\\"/[]?={}";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > ' ' && c < 0x7f && kSeparators.find(c) == std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

bool names(const HttpRequest& request, std::string_view header) {
  return std::ranges::any_of(request.headers,
                             [&](const auto& each) { return lower(each.first) == header; });
}

void add(CurlHeaders& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());  // the longer one begins with it
  list.reset(longer);
}

CurlHeaders headers_of(const HttpRequest& request) {
  CurlHeaders list;
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) refuse("a header's name is malformed");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      refuse("a header has a line break");
    }
    add(list, value.empty() ? name + ";" : name + ": " + value);
  }
  if (request.gzip_body) add(list, "Content-Encoding: gzip");
  // libcurl would claim a form, and wait for leave to send.
  if (!names(request, "content-type")) add(list, "Content-Type:");
  add(list, "Expect:");
  return list;
}

}  // namespace

template <typename Value>
void HttpTransfer::set(CURLoption option, Value value) {
  if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) {
    throw Error(ErrorCode::kInternal, "this libcurl lacks an option");
  }
}

template <typename Value>
Value HttpTransfer::get(CURLINFO info) const {
  Value value{};
  curl_easy_getinfo(easy_.get(), info, &value);
  return value;
}

// Exceptions must not pass through C code: they wait in `thrown_`.
template <typename Work>
bool HttpTransfer::guarded(Work work) {
  try {
    work();
  } catch (...) {
    thrown_ = std::current_exception();
  }
  return !thrown_ && !verdict_;
}

HttpTransfer::HttpTransfer(HttpRequest request, std::function<void(HttpResult)> done)
    : request_(std::move(request)), done_(std::move(done)) {
  const UrlParts url = parse_url(request_.url);
  secure_ = url.scheme == "https";
  loopback_ = is_loopback(url.host);
  if (!secure_ && !(url.scheme == "http" && request_.plain_http)) {
    refuse("its address does not begin with https://");
  }
  if (!is_token(request_.method)) refuse("its method is malformed");
  headers_ = headers_of(request_);
  if (request_.gzip_body) request_.body = gzip(request_.body);
}

void HttpTransfer::begin(CurlEasy easy) {
  easy_ = std::move(easy);
  set_target();
  set_security();
  set_body();
  set_callbacks();
  const long connect_ms = static_cast<long>(request_.limits.connect.count());
  set(CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, connect_ms));
  constexpr std::uint64_t kMost = INT64_MAX;
  set(CURLOPT_MAXFILESIZE_LARGE,
      static_cast<curl_off_t>(std::min(request_.limits.body_bytes, kMost)));
  set(CURLOPT_NOSIGNAL, 1L);    // threads
  set(CURLOPT_QUICK_EXIT, 1L);  // what is ended shall not wait for a name server's answer
}

CurlEasy HttpTransfer::give_back() {
  curl_easy_reset(easy_.get());
  return std::move(easy_);
}

void HttpTransfer::set_target() {
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  const bool redirects = request_.follow_redirects && secure_ && request_.method == "GET" &&
                         !names(request_, "authorization");
  set(CURLOPT_FOLLOWLOCATION, redirects ? 1L : 0L);
  set(CURLOPT_MAXREDIRS, kMaxRedirects);
  if (!secure_ || loopback_) set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  // Rather a stream of a connection that is being made than another connection. Without TLS
  // there are no streams.
  set(CURLOPT_PIPEWAIT, secure_ ? 1L : 0L);
}

void HttpTransfer::set_security() {
  set(CURLOPT_PROTOCOLS_STR, secure_ ? "https" : "http");  // of redirects too
  set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_NETRC, 0L);
}

void HttpTransfer::set_body() {
  set(CURLOPT_HTTPHEADER, headers_.get());
  if (request_.gzip_answer) set(CURLOPT_ACCEPT_ENCODING, "gzip");
  const std::string& method = request_.method;
  if (method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    set(CURLOPT_POSTFIELDS, request_.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  if (method != "GET" || !request_.body.empty()) set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

void HttpTransfer::set_callbacks() {
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_XFERINFOFUNCTION, &HttpTransfer::on_progress);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
}

std::size_t HttpTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  HttpTransfer& transfer = *static_cast<HttpTransfer*>(self);
  const bool go_on = transfer.guarded([&] { transfer.take_header_line({data, size * count}); });
  return go_on ? size * count : CURL_WRITEFUNC_ERROR;
}

std::size_t HttpTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  HttpTransfer& transfer = *static_cast<HttpTransfer*>(self);
  const bool go_on = transfer.guarded([&] { transfer.take_body(as_bytes({data, size * count})); });
  return go_on ? size * count : CURL_WRITEFUNC_ERROR;
}

int HttpTransfer::on_progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
  HttpTransfer& transfer = *static_cast<HttpTransfer*>(self);
  // Called behind on_body, which may have taken its time.
  if (down + up != transfer.bytes_moved_) transfer.moved_ = steady_clock::now();
  transfer.bytes_moved_ = down + up;
  return 0;
}

void HttpTransfer::take_header_line(std::string_view line) {
  moved_ = steady_clock::now();
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    verdict_ = {Kind::kTooLarge, "the answer's headers are larger than allowed"};
    return;
  }
  if (body_bytes_ > 0) return;  // trailers
  if (line.starts_with("HTTP/")) {
    // There may have been another answer before: 100, or a redirect.
    answer_.headers.clear();
    head_complete_ = false;
  }
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  if (line.empty()) {
    answer_.status = get<long>(CURLINFO_RESPONSE_CODE);
    head_complete_ = true;
  }
  const std::size_t colon = line.find(':');
  if (head_complete_ || colon == std::string_view::npos || !is_token(line.substr(0, colon))) return;
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value = value.substr(0, value.find_last_not_of(" \t") + 1);
  answer_.headers.emplace_back(lower(line.substr(0, colon)), value);
}

void HttpTransfer::take_body(BytesView piece) {
  body_bytes_ += piece.size();
  if (body_bytes_ > request_.limits.body_bytes) {
    verdict_ = {Kind::kTooLarge, "the answer is larger than allowed"};
  } else if (request_.on_body) {
    request_.on_body(answer_, piece);
  } else {
    answer_.body += as_text(piece);
  }
}

bool HttpTransfer::is_ended() {
  const auto now = steady_clock::now();
  // Making the connection, or waiting for one, has a limit of its own.
  if (get<curl_off_t>(CURLINFO_PRETRANSFER_TIME_T) == 0) moved_ = now;
  return !guarded([&] {
    if (request_.interrupted && request_.interrupted()) {
      verdict_ = {Kind::kInterrupted, "interrupted"};
    } else if (now - begun_ > request_.limits.total) {
      verdict_ = {Kind::kTimedOut, "it was not done in time"};
    } else if (now - moved_ > request_.limits.stall) {
      verdict_ = {Kind::kTimedOut, "nothing came for too long"};
    }
  });
}

HttpFailure HttpTransfer::failure_of(CURLcode code) const {
  if (const long proxy = get<long>(CURLINFO_HTTP_CONNECTCODE); proxy >= 300) {
    return {Kind::kUnreachable, "the proxy answered " + std::to_string(proxy)};
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PROXY: return {Kind::kUnreachable, curl_easy_strerror(code)};
    case CURLE_OPERATION_TIMEDOUT: return {Kind::kTimedOut, "there was no connection in time"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return {Kind::kCertificate, curl_easy_strerror(code)};
    case CURLE_FILESIZE_EXCEEDED: return {Kind::kTooLarge, "the answer is larger than allowed"};
    default: return {Kind::kBroken, curl_easy_strerror(code)};
  }
}

void HttpTransfer::finish(CURLcode code) {
  if (verdict_) {
    result_ = std::move(*verdict_);
  } else if (code != CURLE_OK) {
    result_ = failure_of(code);
  } else if (!head_complete_) {  // libcurl is content with a part of the headers
    result_ = HttpFailure{Kind::kBroken, "the connection ended before the answer"};
  } else {
    answer_.http2 = get<long>(CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0;
    result_ = std::move(answer_);
  }
}

HttpResult HttpTransfer::take_result() {
  if (thrown_) std::rethrow_exception(thrown_);
  return std::move(*result_);
}

}  // namespace wasync
