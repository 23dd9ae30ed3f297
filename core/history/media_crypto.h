// The encryption of history blobs on the media servers.
//
// A blob is AES-256-CBC ciphertext followed by the first ten bytes of an HMAC-SHA-256 over iv
// and ciphertext; iv and keys derive from the media key in the notification. The notification
// also names the SHA-256 of the whole blob and of the plaintext (whatsmeow download.go).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/crypto.h"

namespace wasync {

inline constexpr std::size_t kMediaMacSize = 10;

struct MediaKeys {
  std::array<std::uint8_t, 16> iv{};
  std::array<std::uint8_t, 32> cipher_key{};
  std::array<std::uint8_t, 32> mac_key{};
};

// Throws Error(kProtocol) unless the media key has 32 bytes.
MediaKeys history_media_keys(BytesView media_key);

// What the phone does before it uploads; for the simulator and the tests.
struct EncryptedBlob {
  Bytes data;
  Digest256 file_sha256{};      // of the plaintext
  Digest256 file_enc_sha256{};  // of `data`
};
EncryptedBlob encrypt_history_blob(BytesView plaintext, BytesView media_key);

}  // namespace wasync
