#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <climits>
#include <utility>

#include "base/error.h"

namespace wasync {
namespace {

constexpr std::size_t kGcmTagSize = 16;
constexpr std::size_t kAesBlock = 16;

[[noreturn]] void fail(const char* doing) {
  throw Error(ErrorCode::kCrypto, std::string("cryptography failed: ") + doing);
}
void require(bool ok, const char* doing) {
  if (!ok) fail(doing);
}

int int_size(BytesView bytes) {
  require(bytes.size() < (1u << 30), "input too large");
  return static_cast<int>(bytes.size());
}

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter>;

Cipher new_cipher() {
  Cipher cipher(EVP_CIPHER_CTX_new());
  require(cipher != nullptr, "cipher context");
  return cipher;
}

struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// OpenSSL's EVP_sha256() and its like look the implementation up again at each use.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(algorithm != nullptr, "SHA-256");
  return algorithm;
}
const EVP_CIPHER* fetch_cipher(const char* name) {
  const EVP_CIPHER* algorithm = EVP_CIPHER_fetch(nullptr, name, nullptr);
  require(algorithm != nullptr, name);
  return algorithm;
}
const EVP_CIPHER* gcm_cipher() {
  static const EVP_CIPHER* const algorithm = fetch_cipher("AES-256-GCM");
  return algorithm;
}
const EVP_CIPHER* cbc_cipher(BytesView key, BytesView iv) {
  require(iv.size() == kAesBlock, "AES-CBC iv size");
  static const EVP_CIPHER* const long_key = fetch_cipher("AES-256-CBC");
  if (key.size() == 32) return long_key;
  require(key.size() == 16, "AES-CBC key size");
  static const EVP_CIPHER* const short_key = fetch_cipher("AES-128-CBC");
  return short_key;
}

}  // namespace

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  require(RAND_bytes(out.data(), static_cast<int>(count)) == 1, "random numbers");
  return out;
}

std::uint64_t random_below(std::uint64_t limit) {
  require(limit > 0, "random range");
  // Values in the incomplete last range would favour small results; draw again.
  const std::uint64_t usable = UINT64_MAX - UINT64_MAX % limit;
  while (true) {
    const std::uint64_t value = read_big_endian(random_bytes(8));
    if (value < usable) return value % limit;
  }
}

Digest256 sha256(BytesView data) {
  Digest256 out;
  require(
      EVP_Digest(data.data(), data.size(), out.data(), nullptr, sha256_algorithm(), nullptr) == 1,
      "SHA-256");
  return out;
}

std::array<std::uint8_t, 16> md5(BytesView data) {
  std::array<std::uint8_t, 16> out{};
  require(EVP_Digest(data.data(), data.size(), out.data(), nullptr, EVP_md5(), nullptr) == 1,
          "MD5");
  return out;
}

Digest256 hmac_sha256(BytesView key, BytesView data) {
  HmacSha256Stream stream(key);
  stream.update(data);
  return stream.finish();
}

std::array<std::uint8_t, 64> hmac_sha512(BytesView key, BytesView data) {
  std::array<std::uint8_t, 64> mac{};
  unsigned length = 0;
  require(HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()), data.data(), data.size(),
               mac.data(), &length) != nullptr &&
              length == mac.size(),
          "HMAC");
  return mac;
}

Bytes hkdf_sha256(BytesView secret, BytesView salt, BytesView info, std::size_t length) {
  // Written out over HMAC rather than EVP_KDF, which refuses the empty secret that the
  // final Noise split derives from.
  const Bytes zero_salt(32, 0);
  const Digest256 key = hmac_sha256(salt.empty() ? BytesView(zero_salt) : salt, secret);
  require(length <= 255 * key.size(), "HKDF length");
  Bytes out;
  Bytes block;
  for (std::uint8_t counter = 1; out.size() < length; ++counter) {
    HmacSha256Stream stream(key);
    stream.update(block);
    stream.update(info);
    stream.update({&counter, 1});
    const Digest256 digest = stream.finish();
    block.assign(digest.begin(), digest.end());
    append(out, block);
  }
  out.resize(length);
  return out;
}

Bytes pbkdf2_sha256(BytesView password, BytesView salt, std::uint32_t iterations,
                    std::size_t length) {
  // A null pointer would mean "no password given" to OpenSSL.
  const std::string text = to_string(password);
  Bytes out(length);
  require(iterations > 0 && iterations <= INT_MAX && length > 0, "PBKDF2 parameters");
  require(PKCS5_PBKDF2_HMAC(text.c_str(), int_size(password), salt.data(), int_size(salt),
                            static_cast<int>(iterations), sha256_algorithm(), int_size(out),
                            out.data()) == 1,
          "PBKDF2");
  return out;
}

bool equal_constant_time(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes aes_gcm_encrypt(BytesView key, BytesView nonce, BytesView plaintext, BytesView associated) {
  require(key.size() == 32 && nonce.size() == 12, "AES-GCM key or nonce size");
  const Cipher cipher = new_cipher();
  require(EVP_EncryptInit_ex(cipher.get(), gcm_cipher(), nullptr, key.data(), nonce.data()) == 1,
          "AES-GCM key");
  int length = 0;
  if (!associated.empty()) {
    require(EVP_EncryptUpdate(cipher.get(), nullptr, &length, associated.data(),
                              int_size(associated)) == 1,
            "AES-GCM");
  }
  Bytes out(plaintext.size() + kGcmTagSize);
  require(EVP_EncryptUpdate(cipher.get(), out.data(), &length, plaintext.data(),
                            int_size(plaintext)) == 1,
          "AES-GCM");
  require(EVP_EncryptFinal_ex(cipher.get(), out.data() + length, &length) == 1, "AES-GCM");
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kGcmTagSize,
                              out.data() + plaintext.size()) == 1,
          "AES-GCM tag");
  return out;
}

std::optional<Bytes> aes_gcm_decrypt(BytesView key, BytesView nonce, BytesView ciphertext,
                                     BytesView associated) {
  require(key.size() == 32 && nonce.size() == 12, "AES-GCM key or nonce size");
  if (ciphertext.size() < kGcmTagSize) return std::nullopt;
  const BytesView body = ciphertext.first(ciphertext.size() - kGcmTagSize);
  Bytes tag = to_bytes(ciphertext.last(kGcmTagSize));
  const Cipher cipher = new_cipher();
  require(EVP_DecryptInit_ex(cipher.get(), gcm_cipher(), nullptr, key.data(), nonce.data()) == 1,
          "AES-GCM key");
  int length = 0;
  if (!associated.empty()) {
    require(EVP_DecryptUpdate(cipher.get(), nullptr, &length, associated.data(),
                              int_size(associated)) == 1,
            "AES-GCM");
  }
  Bytes out(body.size());
  Bytes scratch(kAesBlock);
  if (!body.empty()) {
    require(EVP_DecryptUpdate(cipher.get(), out.data(), &length, body.data(), int_size(body)) == 1,
            "AES-GCM");
  }
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kGcmTagSize, tag.data()) == 1,
          "AES-GCM tag");
  if (EVP_DecryptFinal_ex(cipher.get(), scratch.data(), &length) != 1) return std::nullopt;
  return out;
}

Bytes aes_cbc_encrypt(BytesView key, BytesView iv, BytesView plaintext) {
  const Cipher cipher = new_cipher();
  require(
      EVP_EncryptInit_ex(cipher.get(), cbc_cipher(key, iv), nullptr, key.data(), iv.data()) == 1,
      "AES-CBC key");
  Bytes out(plaintext.size() + kAesBlock);
  int length = 0;
  int last = 0;
  require(EVP_EncryptUpdate(cipher.get(), out.data(), &length, plaintext.data(),
                            int_size(plaintext)) == 1,
          "AES-CBC");
  require(EVP_EncryptFinal_ex(cipher.get(), out.data() + length, &last) == 1, "AES-CBC");
  out.resize(static_cast<std::size_t>(length) + static_cast<std::size_t>(last));
  return out;
}

std::optional<Bytes> aes_cbc_decrypt(BytesView key, BytesView iv, BytesView ciphertext) {
  if (ciphertext.empty() || ciphertext.size() % kAesBlock != 0) return std::nullopt;
  AesCbcDecryptStream stream(key, iv);
  Bytes out = stream.update(ciphertext);
  const std::optional<Bytes> last = stream.finish();
  if (!last) return std::nullopt;
  append(out, *last);
  return out;
}

Bytes aes_ctr(BytesView key, BytesView iv, BytesView data) {
  require(key.size() == 32 && iv.size() == kAesBlock, "AES-CTR key or iv size");
  const Cipher cipher = new_cipher();
  require(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_ctr(), nullptr, key.data(), iv.data()) == 1,
          "AES-CTR key");
  Bytes out(data.size());
  int length = 0;
  if (!data.empty()) {
    require(EVP_EncryptUpdate(cipher.get(), out.data(), &length, data.data(), int_size(data)) == 1,
            "AES-CTR");
  }
  return out;
}

struct Sha256Stream::State {
  std::unique_ptr<EVP_MD_CTX, DigestDeleter> context{EVP_MD_CTX_new()};
};
Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context.get(), sha256_algorithm(), nullptr) == 1, "SHA-256");
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
void Sha256Stream::update(BytesView data) {
  require(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1, "SHA-256");
}
Digest256 Sha256Stream::finish() {
  Digest256 out;
  require(EVP_DigestFinal_ex(state_->context.get(), out.data(), nullptr) == 1, "SHA-256");
  return out;
}

// RFC 2104 over SHA-256. OpenSSL's own makes several contexts and reads its parameters by name,
// which is most of the work for a short message; Signal needs a dozen for each one.
struct HmacSha256Stream::State {
  static constexpr std::size_t kBlock = 64;

  explicit State(BytesView key) {
    if (key.size() > kBlock) {
      std::ranges::copy(sha256(key), padded_key.begin());
    } else {
      std::ranges::copy(key, padded_key.begin());
    }
    begin(0x36);
  }
  ~State() { OPENSSL_cleanse(padded_key.data(), padded_key.size()); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void begin(std::uint8_t mask) {
    require(EVP_DigestInit_ex(digest.get(), sha256_algorithm(), nullptr) == 1, "HMAC");
    std::array<std::uint8_t, kBlock> block;
    std::ranges::transform(padded_key, block.begin(), [mask](std::uint8_t byte) {
      return static_cast<std::uint8_t>(byte ^ mask);
    });
    update(block);
    OPENSSL_cleanse(block.data(), block.size());
  }
  void update(BytesView data) {
    require(EVP_DigestUpdate(digest.get(), data.data(), data.size()) == 1, "HMAC");
  }
  Digest256 end() {
    Digest256 out;
    require(EVP_DigestFinal_ex(digest.get(), out.data(), nullptr) == 1, "HMAC");
    return out;
  }

  std::unique_ptr<EVP_MD_CTX, DigestDeleter> digest{EVP_MD_CTX_new()};
  std::array<std::uint8_t, kBlock> padded_key{};
};
HmacSha256Stream::HmacSha256Stream(BytesView key) : state_(std::make_unique<State>(key)) {}
HmacSha256Stream::~HmacSha256Stream() = default;
HmacSha256Stream::HmacSha256Stream(HmacSha256Stream&&) noexcept = default;
void HmacSha256Stream::update(BytesView data) {
  state_->update(data);
}
Digest256 HmacSha256Stream::finish() {
  const Digest256 inner = state_->end();
  state_->begin(0x5C);
  state_->update(inner);
  return state_->end();
}

struct AesCbcDecryptStream::State {
  Cipher context = new_cipher();
};
AesCbcDecryptStream::AesCbcDecryptStream(BytesView key, BytesView iv)
    : state_(std::make_unique<State>()) {
  require(EVP_DecryptInit_ex(state_->context.get(), cbc_cipher(key, iv), nullptr, key.data(),
                             iv.data()) == 1,
          "AES-CBC key");
}
AesCbcDecryptStream::~AesCbcDecryptStream() = default;
AesCbcDecryptStream::AesCbcDecryptStream(AesCbcDecryptStream&&) noexcept = default;
Bytes AesCbcDecryptStream::update(BytesView ciphertext) {
  Bytes out(ciphertext.size() + kAesBlock);
  int length = 0;
  require(EVP_DecryptUpdate(state_->context.get(), out.data(), &length, ciphertext.data(),
                            int_size(ciphertext)) == 1,
          "AES-CBC");
  out.resize(static_cast<std::size_t>(length));
  return out;
}
std::optional<Bytes> AesCbcDecryptStream::finish() {
  Bytes out(kAesBlock);
  int length = 0;
  if (EVP_DecryptFinal_ex(state_->context.get(), out.data(), &length) != 1) return std::nullopt;
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace wasync
