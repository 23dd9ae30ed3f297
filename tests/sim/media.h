// The media host: encrypted blobs, kept in memory until the client deletes them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/crypto.h"

namespace wasync::sim {

class Faults;

// An encrypted blob and what its recipient needs to fetch, check and open it. Written from the
// protocol's description, not with core/history: the two check each other.
struct SealedBlob {
  Bytes media_key;         // 32 bytes
  Bytes content;           // ciphertext, then 10 bytes of MAC
  Digest256 sha256{};      // of the plaintext
  Digest256 enc_sha256{};  // of `content`
};

// `purpose` is the HKDF info of the media type, such as "WhatsApp History Keys".
SealedBlob seal(BytesView plaintext, std::string_view purpose, const Faults& faults);
inline constexpr std::string_view kHistoryPurpose = "WhatsApp History Keys";
inline constexpr std::string_view kAppStatePurpose = "WhatsApp App State Keys";

class MediaHost {
 public:
  // Keeps the blob; returns its direct path, with a query as the real ones have.
  std::string put(Bytes content);
  // For the second time, because a companion could not have the first.
  std::string put_again(Bytes content) {
    again_.emplace("/v/t62.sim/" + std::to_string(next_) + "_n.enc");
    return put(std::move(content));
  }
  bool is_put_again(std::string_view path) const { return again_.contains(path); }
  // By the path alone, without query. Null when there is none; owned by the host.
  const Bytes* find(std::string_view path) const;
  bool erase(std::string_view path);
  // What a client must know besides the path in order to delete: it is told with the hosts.
  const std::string auth = base64_encode(random_bytes(24));
  // And what users' phones have told their companions for it.
  std::set<std::string, std::less<>> deletion_secrets;
  std::size_t size() const { return blobs_.size(); }

  // How often blobs were fetched and deleted, for tests.
  std::size_t fetched = 0;
  std::size_t deleted = 0;
  std::size_t held = 0;  // downloads that wait for their answer now
  // Of all blobs that ever were here, and of the answers to their fetches.
  std::size_t bytes_put = 0;
  std::size_t bytes_sent = 0;
  // Whether this is the first time it is asked that about a path.
  bool first_fetch(std::string_view path) { return asked_.emplace(path).second; }

 private:
  std::map<std::string, Bytes, std::less<>> blobs_;
  std::set<std::string, std::less<>> again_;
  std::set<std::string, std::less<>> asked_;
  std::size_t next_ = 1;
};

}  // namespace wasync::sim
