// A request in flight, as libcurl sees it: its options and the data that its callbacks collect.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/http.h"

namespace wasync {

struct CurlRelease {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlRelease>;
using CurlHeaders = std::unique_ptr<curl_slist, CurlRelease>;

// libcurl holds pointers to this object and into its request.
class HttpTransfer {
 public:
  // Throws Error(kConfig) for a request that cannot be sent.
  HttpTransfer(HttpRequest request, std::function<void(HttpResult)> done);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Lends it a handle, without options of an earlier request, until give_back().
  void begin(CurlEasy easy);
  CurlEasy give_back();
  CURL* easy() const { return easy_.get(); }
  const HttpHead& head() const { return answer_; }  // the part received so far

  // Whether a limit, an exception from one of its functions, or an interruption has ended it.
  bool is_ended();
  void finish(CURLcode code);
  // Call once, after finish(). Returns the result, or rethrows what one of its functions threw.
  HttpResult take_result();
  void call_done() { done_(take_result()); }

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up);
  template <typename Work>
  bool guarded(Work work);
  template <typename Value>
  void set(CURLoption option, Value value);
  template <typename Value>
  Value get(CURLINFO info) const;

  void set_target();
  void set_security();
  void set_body();
  void set_callbacks();
  void take_header_line(std::string_view line);
  void take_body(BytesView piece);
  HttpFailure failure_of(CURLcode code) const;

  HttpRequest request_;
  std::function<void(HttpResult)> done_;
  bool secure_ = true;
  bool loopback_ = false;
  CurlHeaders headers_;
  CurlEasy easy_;

  HttpAnswer answer_;
  bool head_complete_ = false;
  std::size_t header_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  curl_off_t bytes_moved_ = 0;
  std::optional<HttpFailure> verdict_;  // why we ended it ourselves
  std::exception_ptr thrown_;           // by the request's functions
  std::optional<HttpResult> result_;

  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point moved_ = begun_;
};

}  // namespace wasync
