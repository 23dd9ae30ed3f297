// Symmetric cryptography and hashes, over OpenSSL. Every function throws
// Error(kCrypto) when OpenSSL fails; failed authentication is a return value.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace wasync {

using Digest256 = std::array<std::uint8_t, 32>;

Bytes random_bytes(std::size_t count);
std::uint64_t random_below(std::uint64_t limit);  // uniform in [0, limit)

Digest256 sha256(BytesView data);
std::array<std::uint8_t, 16> md5(BytesView data);  // only for the web version's build hash
Digest256 hmac_sha256(BytesView key, BytesView data);
std::array<std::uint8_t, 64> hmac_sha512(BytesView key, BytesView data);
// HKDF (RFC 5869) with SHA-256; an empty salt means 32 zero bytes.
Bytes hkdf_sha256(BytesView secret, BytesView salt, BytesView info, std::size_t length);

// PBKDF2 (RFC 8018) with HMAC-SHA-256: slow on purpose, for keys derived from text that people
// type.
Bytes pbkdf2_sha256(BytesView password, BytesView salt, std::uint32_t iterations,
                    std::size_t length);

bool equal_constant_time(BytesView a, BytesView b);

// AES-256-GCM with a 16-byte tag after the ciphertext; key 32 and nonce 12 bytes.
Bytes aes_gcm_encrypt(BytesView key, BytesView nonce, BytesView plaintext, BytesView associated);
std::optional<Bytes> aes_gcm_decrypt(BytesView key, BytesView nonce, BytesView ciphertext,
                                     BytesView associated);

// AES-CBC with PKCS#7 padding; key 16 or 32, iv 16 bytes. Decryption yields nothing when
// the padding or the length is wrong.
Bytes aes_cbc_encrypt(BytesView key, BytesView iv, BytesView plaintext);
std::optional<Bytes> aes_cbc_decrypt(BytesView key, BytesView iv, BytesView ciphertext);

// AES-256-CTR, which is its own inverse; key 32, iv 16 bytes. Authenticates nothing.
Bytes aes_ctr(BytesView key, BytesView iv, BytesView data);

// Incremental forms, for data that is never in memory as a whole.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  void update(BytesView data);
  Digest256 finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class HmacSha256Stream {
 public:
  explicit HmacSha256Stream(BytesView key);
  ~HmacSha256Stream();
  HmacSha256Stream(HmacSha256Stream&&) noexcept;
  void update(BytesView data);
  Digest256 finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Decrypts AES-256-CBC piecewise. `finish` yields the last block without its padding, or
// nothing when the padding is wrong.
class AesCbcDecryptStream {
 public:
  AesCbcDecryptStream(BytesView key, BytesView iv);
  ~AesCbcDecryptStream();
  AesCbcDecryptStream(AesCbcDecryptStream&&) noexcept;
  Bytes update(BytesView ciphertext);
  std::optional<Bytes> finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync
