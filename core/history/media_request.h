// One HTTP request to a media server, over libcurl: with the headers those servers expect, and
// without TLS only to this machine.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace wasync {

struct MediaRequestLimits {
  long connect_timeout_s = 20;
  long stall_timeout_s = 30;  // no progress for so long ends the request
  long total_timeout_s = 1800;
  std::function<bool()> interrupted{};
};

// Used once. A URL may hold a secret, so no error names it.
class MediaRequest {
 public:
  // A GET of an URL that blob_url.cpp has made: what it lets through is not checked again.
  MediaRequest(const std::string& url, MediaRequestLimits limits);
  // libcurl holds pointers to it.
  MediaRequest(const MediaRequest&) = delete;
  MediaRequest& operator=(const MediaRequest&) = delete;

  void set_user_agent(const std::string& user_agent);
  void set_max_bytes(std::uint64_t announced);  // more is refused, with Error(kMedia)
  // Asks for the rest from this byte on; the server may answer with the whole all the same.
  void set_range_from(std::uint64_t first);
  // No body is wanted, and no redirect followed: it would be told what the URL says.
  void set_method_delete();
  // Gets the answer's body piece by piece, but not that of an error (400 and above). What it
  // throws ends the request.
  void on_body(std::function<void(BytesView)> sink) { sink_ = std::move(sink); }

  // The answer's HTTP status. Throws Error(kNetwork) when there is none or it breaks off,
  // Error(kInterrupted), and what the sink threw. `doing` begins the message of an error:
  // "downloading a history blob".
  long run(const std::string& doing);
  // Of the answer, also while its body comes; a header that is not there is empty.
  long status() const;
  std::string header(const char* name) const;

 private:
  struct Release {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  static int take_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  void set_security(bool loopback);
  void check(CURLcode code, const std::string& doing) const;
  template <typename Value>
  void set(CURLoption option, Value value);

  MediaRequestLimits limits_;
  std::function<void(BytesView)> sink_;
  std::unique_ptr<CURL, Release> curl_;
  std::unique_ptr<curl_slist, Release> headers_;
  std::exception_ptr failure_;
};

}  // namespace wasync
