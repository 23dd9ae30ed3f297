#include "history/download.h"

#include <exception>
#include <utility>

#include "base/error.h"
#include "history/media_request.h"
#include "proto/peer_message.pb.h"

namespace wasync {
namespace {

[[noreturn]] void fail_status(const MediaType& type, long status) {
  const std::string what =
      "the media server answered " + std::to_string(status) + " for " + std::string(type.a_blob);
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

void transfer(const std::string& url, const DownloadOptions& options, const MediaType& type,
              BlobReceiver& receiver) {
  MediaRequest request(url, {.connect_timeout_s = options.connect_timeout_s,
                             .stall_timeout_s = options.stall_timeout_s,
                             .total_timeout_s = options.total_timeout_s,
                             .interrupted = options.interrupted});
  request.set_user_agent(options.user_agent);
  // Refuses an announced length; the sink stops what announces none.
  request.set_max_bytes(options.max_bytes);
  request.on_body([&](BytesView piece) {
    if (receiver.size() + piece.size() > options.max_bytes) {
      throw Error(ErrorCode::kMedia, std::string(type.a_blob) + " is larger than allowed");
    }
    receiver.append(piece);
  });
  const long status = request.run("downloading " + std::string(type.a_blob));
  if (status != 200) fail_status(type, status);
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
      transfer(url, options, expected.type, receiver);
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
