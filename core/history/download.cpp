#include "history/download.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "history/media_request.h"
#include "proto/peer_message.pb.h"

namespace wasync {
namespace {

// An attempt that brings less than this is futile. After so many futile attempts in a row, leave
// the download for later.
constexpr std::uint64_t kWorthwhile = 64 * 1024;
constexpr int kFutileAttempts = 3;

[[noreturn]] void fail_status(const MediaType& type, long status) {
  const Words what =
      Phrase{"the media server answered {} for {}", "serverul media a răspuns {} pentru {}"}.with(
          status, type.a_blob);
  if (status == 404 || status == 410)
    throw Error(
        ErrorCode::kMedia, Phrase{"{}: it is gone", "{}: nu mai există"}.with(what),
        Phrase{"Media servers keep blobs for a limited time; ask the phone for the history again.",
               "Serverele media păstrează fișierele un timp limitat; cere din nou istoricul de la "
               "telefon."});
  if (status == 401 || status == 403)
    throw Error(ErrorCode::kMedia, Phrase{"{}: it is refused", "{}: este refuzat"}.with(what),
                Phrase{"The link has probably expired; ask the phone for the history again.",
                       "Adresa a expirat, probabil; cere din nou istoricul de la telefon."});
  throw Error(ErrorCode::kNetwork, what, kTriedAgainLater);
}

// Whether a Content-Range says "from `first` to the end".
bool continues_at(std::string_view content_range, std::uint64_t first) {
  const std::string start = "bytes " + std::to_string(first) + "-";
  if (!content_range.starts_with(start)) return false;
  content_range.remove_prefix(start.size());
  const std::size_t slash = content_range.find('/');
  if (slash == std::string_view::npos) return false;
  const auto last = parse_number<std::uint64_t>(content_range.substr(0, slash));
  const auto total = parse_number<std::uint64_t>(content_range.substr(slash + 1));
  return last && total && *last >= first && *total - 1 == *last;
}

// The part of a blob that has come so far, over any number of requests.
class PartialBlob {
 public:
  PartialBlob(const ExpectedBlob& expected, const DownloadOptions& options)
      : expected_(expected), options_(options) {
    start_anew();
  }
  // Makes one request for the missing rest. Keeps what came, also when the transfer breaks off.
  void fetch(HttpClient& client, const std::string& url);
  VerifiedBlob verify();
  std::uint64_t size() const { return receiver_->size(); }

 private:
  void start_anew() {
    receiver_.emplace(options_.directory, expected_);
    pieced_together_ = false;
  }
  bool accept(const HttpHead& answer);
  void append(BytesView piece);

  const ExpectedBlob& expected_;
  const DownloadOptions& options_;
  std::optional<BlobReceiver> receiver_;
  bool pieced_together_ = false;
};

void PartialBlob::fetch(HttpClient& client, const std::string& url) {
  HttpRequest request = media_request(url, options_.user_agent);
  request.follow_redirects = true;
  request.limits = {.connect = std::chrono::seconds(options_.connect_timeout_s),
                    .stall = std::chrono::seconds(options_.stall_timeout_s),
                    .total = std::chrono::seconds(options_.total_timeout_s),
                    .body_bytes = options_.max_bytes};
  request.interrupted = options_.interrupted;
  if (size() > 0) {
    // The server may answer with the whole blob all the same.
    request.headers.emplace_back("Range", "bytes=" + std::to_string(size()) + "-");
  }
  bool accepted = false;
  const auto accept_once = [&](const HttpHead& head) {
    if (!accepted && !accept(head)) fail_status(expected_.type, head.status);
    accepted = true;
  };
  request.on_body = [&](const HttpHead& head, BytesView piece) {
    accept_once(head);
    append(piece);
  };
  // An answer without a body has not called on_body.
  accept_once(
      send_media_request(client, std::move(request),
                         Phrase{"downloading {}", "descărcarea: {}"}.with(expected_.type.a_blob)));
}

// Whether the answer's body is a part of the blob. If so, it continues what is here; else starts
// from the beginning.
bool PartialBlob::accept(const HttpHead& answer) {
  const long status = answer.status;
  if (size() > 0) {
    if (status == 206 && continues_at(answer.header("content-range"), size())) {
      pieced_together_ = true;
      return true;
    }
    // The whole blob, another part than we asked for, or no such part: do not append it to ours.
    if (status == 200 || status == 206 || status == 416) start_anew();
  }
  return status == 200;
}

void PartialBlob::append(BytesView piece) {
  if (size() + piece.size() > options_.max_bytes) {
    throw Error(ErrorCode::kMedia,
                Phrase{"{} is larger than allowed", "{} este mai mare decât este permis"}.with(
                    expected_.type.a_blob));
  }
  receiver_->append(piece);
}

VerifiedBlob PartialBlob::verify() {
  try {
    return std::move(*receiver_).verify();
  } catch (const Error& error) {
    if (!pieced_together_ || error.code() != ErrorCode::kMedia) throw;
    // We put it together from parts, and two hosts may hold different ones. As a whole it may be
    // good.
    start_anew();
    throw Error(
        ErrorCode::kNetwork,
        Phrase{"the parts of {} do not fit together", "părțile din {} nu se potrivesc"}.with(
            expected_.type.a_blob),
        kTriedAgainLater);
  }
}

}  // namespace

VerifiedBlob download_blob(std::string_view direct_path, const ExpectedBlob& expected,
                           const DownloadOptions& options) {
  std::exception_ptr failure = std::make_exception_ptr(
      Error(ErrorCode::kNetwork, Phrase{"there is no media server to download from",
                                        "nu există un server media de la care să se descarce"}));
  HttpClient client;
  PartialBlob blob(expected, options);
  std::uint64_t most = 0;
  int futile = 0;
  for (std::size_t host = 0; host < options.hosts.size();) {
    try {
      blob.fetch(client, blob_url(options.hosts[host], direct_path, expected.file_enc_sha256,
                                  expected.type));
      return blob.verify();
    } catch (const Error& error) {
      // Another host holds the same blob: try it, unless the blob is missing there too.
      if (error.code() != ErrorCode::kNetwork) throw;
      failure = std::current_exception();
    }
    futile = blob.size() >= most + kWorthwhile ? 0 : futile + 1;
    most = std::max(most, blob.size());
    if (host + 1 < options.hosts.size()) {
      ++host;
    } else if (blob.size() == 0 || futile >= kFutileAttempts) {
      break;
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
