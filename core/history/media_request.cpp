#include "history/media_request.h"

#include <utility>

#include "base/error.h"

namespace wasync {
namespace {

constexpr const char* kOrigin = "https://web.whatsapp.com";

void initialise_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (once != CURLE_OK) throw Error(ErrorCode::kInternal, "libcurl cannot be initialised");
}

}  // namespace

template <typename Value>
void MediaRequest::set(CURLoption option, Value value) {
  if (curl_easy_setopt(curl_.get(), option, value) != CURLE_OK) {
    throw Error(ErrorCode::kInternal, "this libcurl lacks an option");
  }
}

MediaRequest::MediaRequest(const std::string& url, MediaRequestLimits limits)
    : limits_(std::move(limits)) {
  initialise_curl();
  curl_.reset(curl_easy_init());
  if (!curl_) throw Error(ErrorCode::kInternal, "libcurl cannot be initialised");
  headers_.reset(curl_slist_append(nullptr, (std::string("Origin: ") + kOrigin).c_str()));
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_REFERER, (std::string(kOrigin) + "/").c_str());
  set(CURLOPT_WRITEFUNCTION, &MediaRequest::take_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_XFERINFOFUNCTION, &MediaRequest::take_progress);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_NOSIGNAL, 1L);  // threads
  set(CURLOPT_CONNECTTIMEOUT, limits_.connect_timeout_s);
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, limits_.stall_timeout_s);
  set(CURLOPT_TIMEOUT, limits_.total_timeout_s);
  // The body of an error answer is nothing to anybody.
  set(CURLOPT_FAILONERROR, 1L);
  set_security(url.starts_with("http://"));  // blob_url.cpp lets nothing else through
}

void MediaRequest::set_security(bool loopback) {
  set(CURLOPT_PROTOCOLS_STR, loopback ? "http" : "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, loopback ? 0L : 1L);
  set(CURLOPT_MAXREDIRS, 3L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_NETRC, 0L);
  if (loopback) set(CURLOPT_NOPROXY, "*");
}

void MediaRequest::set_user_agent(const std::string& user_agent) {
  if (!user_agent.empty()) set(CURLOPT_USERAGENT, user_agent.c_str());
}

void MediaRequest::set_max_bytes(std::uint64_t announced) {
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(announced));
}

void MediaRequest::set_range_from(std::uint64_t first) {
  set(CURLOPT_RANGE, (std::to_string(first) + "-").c_str());
}

void MediaRequest::set_method_delete() {
  set(CURLOPT_CUSTOMREQUEST, "DELETE");
  set(CURLOPT_FOLLOWLOCATION, 0L);
}

std::size_t MediaRequest::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  MediaRequest& request = *static_cast<MediaRequest*>(self);
  // Exceptions must not pass through C code: they wait in `failure_`.
  try {
    if (request.sink_) request.sink_(as_bytes({data, size * count}));
    return size * count;
  } catch (...) {
    request.failure_ = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

int MediaRequest::take_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  MediaRequest& request = *static_cast<MediaRequest*>(self);
  try {
    return request.limits_.interrupted && request.limits_.interrupted() ? 1 : 0;
  } catch (...) {
    request.failure_ = std::current_exception();
    return 1;
  }
}

long MediaRequest::status() const {
  long code = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &code);
  return code;
}

std::string MediaRequest::header(const char* name) const {
  curl_header* found = nullptr;
  const bool there = curl_easy_header(curl_.get(), name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK;
  return there ? found->value : std::string();
}

void MediaRequest::check(CURLcode code, const std::string& doing) const {
  if (failure_) std::rethrow_exception(failure_);
  switch (code) {
    case CURLE_OK:
    case CURLE_HTTP_RETURNED_ERROR: return;
    case CURLE_ABORTED_BY_CALLBACK:
      throw Error(ErrorCode::kInterrupted, "interrupted while " + doing);
    case CURLE_FILESIZE_EXCEEDED:
      throw Error(ErrorCode::kMedia, doing + " failed: it is larger than allowed");
    case CURLE_OPERATION_TIMEDOUT:
      throw Error(ErrorCode::kNetwork, "the media server is too slow or does not answer",
                  "it is tried again later");
    case CURLE_PEER_FAILED_VERIFICATION:
      throw Error(ErrorCode::kNetwork, "the media server's certificate does not verify",
                  "check the system's clock, its CA certificates, and whether a proxy intercepts");
    default:
      throw Error(ErrorCode::kNetwork, doing + " failed: " + curl_easy_strerror(code),
                  "check the network connection; it is tried again later");
  }
}

long MediaRequest::run(const std::string& doing) {
  check(curl_easy_perform(curl_.get()), doing);
  return status();
}

}  // namespace wasync
