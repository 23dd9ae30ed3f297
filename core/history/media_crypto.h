// The encryption of blobs on the media servers.
//
// A blob is AES-256-CBC ciphertext followed by the first ten bytes of an HMAC-SHA-256 over iv
// and ciphertext. The iv and the keys derive from the media key, which is in the blob's
// announcement, together with the SHA-256 of the whole blob and of the plaintext (whatsmeow
// download.go).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/phrase.h"

namespace wasync {

inline constexpr std::size_t kMediaMacSize = 10;

// The kind of a blob; each kind has its own keys and its own name in URLs.
struct MediaType {
  std::string_view key_info;  // of the keys' derivation
  std::string_view url_name;  // "mms-type"
  Phrase a_blob;              // how errors call one
};
inline constexpr MediaType kHistoryMedia{
    "WhatsApp History Keys", "md-msg-hist", {"a history blob", "un fișier de istoric"}};
inline constexpr MediaType kAppStateMedia{"WhatsApp App State Keys",
                                          "md-app-state",
                                          {"an app-state blob", "un fișier de stare a aplicației"}};

struct MediaKeys {
  std::array<std::uint8_t, 16> iv{};
  std::array<std::uint8_t, 32> cipher_key{};
  std::array<std::uint8_t, 32> mac_key{};
};

// Throws Error(kProtocol) unless the media key has 32 bytes.
MediaKeys media_keys(const MediaType& type, BytesView media_key);

// What the phone does before it uploads; for the simulator and the tests.
struct EncryptedBlob {
  Bytes data;
  Digest256 file_sha256{};      // of the plaintext
  Digest256 file_enc_sha256{};  // of `data`
};
EncryptedBlob encrypt_blob(const MediaType& type, BytesView plaintext, BytesView media_key);

}  // namespace wasync
