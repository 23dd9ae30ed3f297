#include "history/download.h"

#include <curl/curl.h>

#include <exception>
#include <memory>
#include <utility>

#include "base/error.h"
#include "proto/peer_message.pb.h"

namespace wasync {
namespace {

constexpr const char* kOrigin = "https://web.whatsapp.com";

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, CurlDeleter>;
using Headers = std::unique_ptr<curl_slist, CurlDeleter>;

// One GET into a receiver. Callbacks run inside C code: exceptions wait in `failure`.
class Transfer {
 public:
  Transfer(const std::string& url, const DownloadOptions& options, const MediaType& type,
           BlobReceiver& receiver);
  void run();

 private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  void set_limits();
  void set_security(const std::string& url);
  void check(CURLcode code);
  [[noreturn]] void fail_status(long status) const;
  long status() const;

  const DownloadOptions& options_;
  const MediaType& type_;
  BlobReceiver& receiver_;
  Curl curl_;
  Headers headers_;
  std::exception_ptr failure_;
};

template <typename Value>
void set(const Curl& curl, CURLoption option, Value value) {
  if (curl_easy_setopt(curl.get(), option, value) != CURLE_OK) {
    throw Error(ErrorCode::kInternal, "this libcurl lacks an option");
  }
}

void initialise_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (once != CURLE_OK) throw Error(ErrorCode::kInternal, "libcurl cannot be initialised");
}

Transfer::Transfer(const std::string& url, const DownloadOptions& options, const MediaType& type,
                   BlobReceiver& receiver)
    : options_(options), type_(type), receiver_(receiver) {
  initialise_curl();
  curl_.reset(curl_easy_init());
  if (!curl_) throw Error(ErrorCode::kInternal, "libcurl cannot be initialised");
  headers_.reset(curl_slist_append(nullptr, (std::string("Origin: ") + kOrigin).c_str()));
  set(curl_, CURLOPT_URL, url.c_str());
  set(curl_, CURLOPT_HTTPHEADER, headers_.get());
  set(curl_, CURLOPT_REFERER, (std::string(kOrigin) + "/").c_str());
  if (!options.user_agent.empty()) set(curl_, CURLOPT_USERAGENT, options.user_agent.c_str());
  set(curl_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(curl_, CURLOPT_WRITEDATA, this);
  set(curl_, CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  set(curl_, CURLOPT_XFERINFODATA, this);
  set(curl_, CURLOPT_NOPROGRESS, 0L);
  // The body of an error answer is not a blob.
  set(curl_, CURLOPT_FAILONERROR, 1L);
  set_security(url);
  set_limits();
}

void Transfer::set_security(const std::string& url) {
  const bool loopback = url.starts_with("http://");  // blob_url lets nothing else through
  const char* protocols = loopback ? "http" : "https";
  set(curl_, CURLOPT_PROTOCOLS_STR, protocols);
  set(curl_, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(curl_, CURLOPT_FOLLOWLOCATION, loopback ? 0L : 1L);
  set(curl_, CURLOPT_MAXREDIRS, 3L);
  set(curl_, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl_, CURLOPT_SSL_VERIFYHOST, 2L);
  set(curl_, CURLOPT_NETRC, 0L);
  if (loopback) set(curl_, CURLOPT_NOPROXY, "*");
}

void Transfer::set_limits() {
  set(curl_, CURLOPT_NOSIGNAL, 1L);  // threads
  set(curl_, CURLOPT_CONNECTTIMEOUT, options_.connect_timeout_s);
  set(curl_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(curl_, CURLOPT_LOW_SPEED_TIME, options_.stall_timeout_s);
  set(curl_, CURLOPT_TIMEOUT, options_.total_timeout_s);
  // Refuses an announced length; on_body stops what announces none.
  set(curl_, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.max_bytes));
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const BytesView piece = as_bytes({data, size * count});
  try {
    if (transfer.receiver_.size() + piece.size() > transfer.options_.max_bytes) {
      throw Error(ErrorCode::kMedia,
                  std::string(transfer.type_.a_blob) + " is larger than allowed");
    }
    transfer.receiver_.append(piece);
    return piece.size();
  } catch (...) {
    transfer.failure_ = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  try {
    return transfer.options_.interrupted && transfer.options_.interrupted() ? 1 : 0;
  } catch (...) {
    transfer.failure_ = std::current_exception();
    return 1;
  }
}

long Transfer::status() const {
  long code = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &code);
  return code;
}

void Transfer::fail_status(long status) const {
  const std::string blob(type_.a_blob);
  const std::string what = "the media server answered " + std::to_string(status) + " for " + blob;
  if (status == 404 || status == 410) {
    throw Error(ErrorCode::kMedia, what + ": it is gone",
                "blobs are kept for a limited time; ask the phone for the history again");
  }
  if (status == 401 || status == 403) {
    throw Error(ErrorCode::kMedia, what + ": it is refused",
                "the link has probably expired; ask the phone for the history again");
  }
  throw Error(ErrorCode::kNetwork, what, "it is tried again later");
}

void Transfer::check(CURLcode code) {
  if (failure_) std::rethrow_exception(failure_);
  switch (code) {
    case CURLE_OK: return;
    case CURLE_HTTP_RETURNED_ERROR: fail_status(status());
    case CURLE_ABORTED_BY_CALLBACK:
      throw Error(ErrorCode::kInterrupted, "interrupted while downloading");
    case CURLE_FILESIZE_EXCEEDED:
      throw Error(ErrorCode::kMedia, std::string(type_.a_blob) + " is larger than allowed");
    case CURLE_OPERATION_TIMEDOUT:
      throw Error(ErrorCode::kNetwork, "the media server is too slow or does not answer",
                  "it is tried again later");
    case CURLE_PEER_FAILED_VERIFICATION:
      throw Error(ErrorCode::kNetwork, "the media server's certificate does not verify",
                  "check the system's clock, its CA certificates, and whether a proxy intercepts");
    default:
      throw Error(
          ErrorCode::kNetwork,
          "downloading " + std::string(type_.a_blob) + " failed: " + curl_easy_strerror(code),
          "check the network connection; it is tried again later");
  }
}

void Transfer::run() {
  check(curl_easy_perform(curl_.get()));
  // FAILONERROR passes redirects that are not followed.
  if (status() != 200) fail_status(status());
}

}  // namespace

VerifiedBlob download_blob(std::string_view direct_path, const ExpectedBlob& expected,
                           const DownloadOptions& options) {
  std::exception_ptr failure = std::make_exception_ptr(
      Error(ErrorCode::kNetwork, "there is no media server to download from"));
  for (const std::string& host : options.hosts) {
    const std::string url = blob_url(host, direct_path, expected.file_enc_sha256, expected.type);
    BlobReceiver receiver(options.directory, expected);
    try {
      Transfer(url, options, expected.type, receiver).run();
      return std::move(receiver).verify();
    } catch (const Error& error) {
      // Another host holds the same blob: worth a try unless it will be just as missing.
      if (error.code() != ErrorCode::kNetwork) throw;
      failure = std::current_exception();
    }
  }
  std::rethrow_exception(failure);
}

VerifiedBlob download_blob(const pb::HistorySyncNotification& notification,
                           const DownloadOptions& options) {
  return download_blob(notification.direct_path(),
                       ExpectedBlob::from(kHistoryMedia, as_bytes(notification.media_key()),
                                          as_bytes(notification.file_sha256()),
                                          as_bytes(notification.file_enc_sha256())),
                       options);
}

ChunkSource open_chunk(const pb::HistorySyncNotification& notification,
                       const DownloadOptions& options) {
  if (notification.has_initial_hist_bootstrap_inline_payload()) {
    return chunk_source(to_bytes(notification.initial_hist_bootstrap_inline_payload()));
  }
  if (notification.direct_path().empty()) return {};
  return chunk_source(download_blob(notification, options));
}

}  // namespace wasync
