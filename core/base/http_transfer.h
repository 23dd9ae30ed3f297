// A request on its way, as libcurl sees it: its options, and what its callbacks gather.
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

// libcurl holds pointers to it and into its request.
class HttpTransfer {
 public:
  // Throws Error(kConfig) for what cannot be sent.
  HttpTransfer(HttpRequest request, std::function<void(HttpResult)> done);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Lends it a handle without options of an earlier request; give_back() ends that.
  void begin(CurlEasy easy);
  CurlEasy give_back();
  CURL* easy() const { return easy_.get(); }
  const HttpHead& head() const { return answer_; }  // as far as it has come

  // Whether one of its limits, its own functions or somebody has ended it.
  bool is_ended();
  void finish(CURLcode code);
  // Once, when it is finished: the result, or what one of its functions threw.
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
  std::optional<HttpFailure> verdict_;  // our own, for which it was ended
  std::exception_ptr thrown_;           // by the request's functions
  std::optional<HttpResult> result_;

  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point moved_ = begun_;
};

}  // namespace wasync
