#include "signal/crypto_provider.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <signal/signal_protocol.h>

#include <limits>
#include <memory>

#include "base/crypto.h"
#include "base/error.h"
#include "signal/library.h"

namespace wasync {
namespace {

// Callbacks are called from C, which no exception may cross. What fails here is OpenSSL or
// memory, and libsignal passes the result through.
template <typename Body>
int guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return SG_ERR_NOMEM;
  } catch (...) {
    return SG_ERR_UNKNOWN;
  }
}

int random(std::uint8_t* data, std::size_t length, void*) {
  if (length > static_cast<std::size_t>(std::numeric_limits<int>::max())) return SG_ERR_INVAL;
  return RAND_bytes(data, static_cast<int>(length)) == 1 ? SG_SUCCESS : SG_ERR_UNKNOWN;
}

int hmac_init(void** context, const std::uint8_t* key, std::size_t length, void*) {
  return guarded([&] {
    *context = std::make_unique<HmacSha256Stream>(BytesView(key, length)).release();
    return SG_SUCCESS;
  });
}
int hmac_update(void* context, const std::uint8_t* data, std::size_t length, void*) {
  return guarded([&] {
    static_cast<HmacSha256Stream*>(context)->update({data, length});
    return SG_SUCCESS;
  });
}
int hmac_final(void* context, signal_buffer** output, void*) {
  return guarded(
      [&] { return hand_over(output, static_cast<HmacSha256Stream*>(context)->finish()); });
}
void hmac_cleanup(void* context, void*) {
  const std::unique_ptr<HmacSha256Stream> owned(static_cast<HmacSha256Stream*>(context));
}

int sha512_init(void** context, void*) {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  if (digest == nullptr) return SG_ERR_NOMEM;
  *context = digest;
  return EVP_DigestInit_ex(digest, EVP_sha512(), nullptr) == 1 ? SG_SUCCESS : SG_ERR_UNKNOWN;
}
int sha512_update(void* context, const std::uint8_t* data, std::size_t length, void*) {
  auto* digest = static_cast<EVP_MD_CTX*>(context);
  return EVP_DigestUpdate(digest, data, length) == 1 ? SG_SUCCESS : SG_ERR_UNKNOWN;
}
int sha512_final(void* context, signal_buffer** output, void*) {
  auto* digest = static_cast<EVP_MD_CTX*>(context);
  std::array<std::uint8_t, 64> bytes{};
  // libsignal may use the context once more.
  if (EVP_DigestFinal_ex(digest, bytes.data(), nullptr) != 1 ||
      EVP_DigestInit_ex(digest, EVP_sha512(), nullptr) != 1) {
    return SG_ERR_UNKNOWN;
  }
  return hand_over(output, bytes);
}
void sha512_cleanup(void* context, void*) {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

// Counter mode belongs to message version 2, which WhatsApp never used.
int encrypt(signal_buffer** output, int cipher, const std::uint8_t* key, std::size_t key_length,
            const std::uint8_t* iv, std::size_t iv_length, const std::uint8_t* plaintext,
            std::size_t length, void*) {
  if (cipher != SG_CIPHER_AES_CBC_PKCS5) return SG_ERR_INVAL;
  return guarded([&] {
    return hand_over(output,
                     aes_cbc_encrypt({key, key_length}, {iv, iv_length}, {plaintext, length}));
  });
}
int decrypt(signal_buffer** output, int cipher, const std::uint8_t* key, std::size_t key_length,
            const std::uint8_t* iv, std::size_t iv_length, const std::uint8_t* ciphertext,
            std::size_t length, void*) {
  if (cipher != SG_CIPHER_AES_CBC_PKCS5) return SG_ERR_INVAL;
  return guarded([&] {
    const auto plaintext =
        aes_cbc_decrypt({key, key_length}, {iv, iv_length}, {ciphertext, length});
    return plaintext ? hand_over(output, *plaintext) : kBadCbcPadding;
  });
}

}  // namespace

void set_crypto_provider(signal_context* context) {
  const signal_crypto_provider provider{
      .random_func = random,
      .hmac_sha256_init_func = hmac_init,
      .hmac_sha256_update_func = hmac_update,
      .hmac_sha256_final_func = hmac_final,
      .hmac_sha256_cleanup_func = hmac_cleanup,
      .sha512_digest_init_func = sha512_init,
      .sha512_digest_update_func = sha512_update,
      .sha512_digest_final_func = sha512_final,
      .sha512_digest_cleanup_func = sha512_cleanup,
      .encrypt_func = encrypt,
      .decrypt_func = decrypt,
      .user_data = nullptr,
  };
  if (signal_context_set_crypto_provider(context, &provider) != SG_SUCCESS) {
    throw Error(ErrorCode::kCrypto, Phrase{"libsignal refused its cryptography",
                                           "libsignal a refuzat criptografia sa"});
  }
}

}  // namespace wasync
