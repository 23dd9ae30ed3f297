#include "sim/media.h"

#include "sim/faults.h"

namespace wasync::sim {
namespace {

constexpr std::size_t kMacLength = 10;

}  // namespace

SealedBlob seal(BytesView plaintext, std::string_view purpose, const Faults& faults) {
  SealedBlob blob;
  blob.media_key = random_bytes(32);
  const Bytes keys = hkdf_sha256(blob.media_key, {}, as_bytes(purpose), 112);
  const BytesView iv = BytesView(keys).first(16);
  const BytesView cipher_key = BytesView(keys).subspan(16, 32);
  const BytesView mac_key = BytesView(keys).subspan(48, 32);
  blob.content = aes_cbc_encrypt(cipher_key, iv, plaintext);
  Digest256 mac = hmac_sha256(mac_key, concat({iv, blob.content}));
  if (faults.on("bad-blob-mac")) mac[0] ^= 1;
  append(blob.content, BytesView(mac).first(kMacLength));
  blob.sha256 = sha256(plaintext);
  blob.enc_sha256 = sha256(blob.content);
  if (faults.on("bad-blob-hash")) blob.enc_sha256[0] ^= 1;
  return blob;
}

std::string MediaHost::put(Bytes content) {
  const std::string path = "/v/t62.sim/" + std::to_string(next_++) + "_n.enc";
  bytes_put += content.size();
  blobs_.emplace(path, std::move(content));
  return path + "?ccb=11-4&oh=01_simulated&oe=7FFFFFFF&_nc_sid=5e03e0";
}

const Bytes* MediaHost::find(std::string_view path) const {
  const auto found = blobs_.find(path);
  return found == blobs_.end() ? nullptr : &found->second;
}

bool MediaHost::erase(std::string_view path) {
  const auto found = blobs_.find(path);
  if (found == blobs_.end()) return false;
  blobs_.erase(found);
  return true;
}

}  // namespace wasync::sim
