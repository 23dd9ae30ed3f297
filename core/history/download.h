// Fetching a blob from WhatsApp's media servers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/blob.h"
#include "history/ingest.h"

namespace wasync {

namespace pb {
class HistorySyncNotification;
}

struct DownloadOptions {
  std::vector<std::string> hosts{};   // MediaServers::hosts
  std::string user_agent{};           // empty: none is sent
  std::filesystem::path directory{};  // where the encrypted blob waits; the account's own
  std::uint64_t max_bytes = std::uint64_t{1} << 30;
  long connect_timeout_s = 20;
  long stall_timeout_s = 30;    // no progress for so long ends the attempt
  long total_timeout_s = 1800;  // of one attempt
  std::function<bool()> interrupted{};
};

// Downloads and verifies the blob at `direct_path`. When a transfer breaks off, goes on from the
// same byte at the next host, and at the last host tries again as long as that brings more. Throws
//   Error(kProtocol)     when the path is malformed,
//   Error(kMedia)        when the server no longer has the blob, refuses it, or it fails its
//                        hashes or MAC: do not try again, ask the phone for another upload,
//   Error(kNetwork)      when no host could be reached or the transfer broke: try later,
//   Error(kInterrupted), Error(kIo).
VerifiedBlob download_blob(std::string_view direct_path, const ExpectedBlob& expected,
                           const DownloadOptions& options);
// The blob that a history notification announces. Error(kProtocol) also when that is malformed.
VerifiedBlob download_blob(const pb::HistorySyncNotification& notification,
                           const DownloadOptions& options);

// The chunk's compressed bytes: the inline payload when there is one, else the blob. An empty
// source when the notification announces no data at all.
ChunkSource open_chunk(const pb::HistorySyncNotification& notification,
                       const DownloadOptions& options);

// The URL of a blob at a host. Throws Error(kProtocol) when `direct_path` is not a plain
// absolute path with a query (a peer could otherwise aim the request at another host), and
// Error(kConfig) when `host` is not a host name or a loopback http origin.
std::string blob_url(std::string_view host, std::string_view direct_path, BytesView file_enc_sha256,
                     const MediaType& type);

}  // namespace wasync
