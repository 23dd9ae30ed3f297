#include "base/curve25519.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <signal/curve.h>
#include <signal/signal_protocol.h>

#include <algorithm>
#include <memory>

#include "base/crypto.h"
#include "base/error.h"

namespace wasync {
namespace {

struct PkeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Pkey = std::unique_ptr<EVP_PKEY, PkeyDeleter>;

void require_curve(bool ok, const char* what) {
  if (!ok) throw Error(ErrorCode::kCrypto, std::string("Curve25519: ") + what);
}

// libsignal's XEdDSA wants a context for its source of randomness and nothing else.
signal_context* signing_context() {
  static signal_context* const context = [] {
    signal_context* created = nullptr;
    require_curve(signal_context_create(&created, nullptr) == 0, "context");
    signal_crypto_provider provider{};
    provider.random_func = [](std::uint8_t* data, size_t length, void*) {
      return RAND_bytes(data, static_cast<int>(length)) == 1 ? 0 : SG_ERR_UNKNOWN;
    };
    // Never called here, but a provider without them is refused.
    provider.hmac_sha256_init_func = [](void**, const std::uint8_t*, std::size_t, void*) {
      return SG_ERR_INVAL;
    };
    provider.hmac_sha256_update_func = [](void*, const std::uint8_t*, std::size_t, void*) {
      return SG_ERR_INVAL;
    };
    provider.hmac_sha256_final_func = [](void*, signal_buffer**, void*) { return SG_ERR_INVAL; };
    provider.hmac_sha256_cleanup_func = [](void*, void*) {};
    require_curve(signal_context_set_crypto_provider(created, &provider) == 0, "provider");
    return created;
  }();
  return context;
}

}  // namespace

KeyPair KeyPair::from_private(BytesView private_key) {
  require_curve(private_key.size() == 32, "private key size");
  KeyPair pair;
  std::copy(private_key.begin(), private_key.end(), pair.private_key.begin());
  // Clamped here, so that X25519 and XEdDSA see the very same scalar.
  pair.private_key[0] &= 248;
  pair.private_key[31] = static_cast<std::uint8_t>((pair.private_key[31] & 127) | 64);
  const Pkey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, pair.private_key.data(),
                                              pair.private_key.size()));
  std::size_t length = pair.public_key.size();
  require_curve(key && EVP_PKEY_get_raw_public_key(key.get(), pair.public_key.data(), &length) == 1,
                "public key");
  return pair;
}

KeyPair KeyPair::generate() {
  return from_private(random_bytes(32));
}

std::array<std::uint8_t, 32> x25519(const PrivateKey& ours, const PublicKey& theirs) {
  const Pkey own(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, ours.data(), ours.size()));
  const Pkey peer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, theirs.data(), theirs.size()));
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      own ? EVP_PKEY_CTX_new(own.get(), nullptr) : nullptr, &EVP_PKEY_CTX_free);
  std::array<std::uint8_t, 32> secret{};
  std::size_t length = secret.size();
  require_curve(peer && context && EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                    EVP_PKEY_derive(context.get(), secret.data(), &length) == 1 && length == 32,
                "key agreement");
  return secret;
}

Signature xeddsa_sign(const PrivateKey& key, BytesView message) {
  ec_private_key* decoded = nullptr;
  require_curve(
      curve_decode_private_point(&decoded, key.data(), key.size(), signing_context()) == 0,
      "private key");
  signal_buffer* buffer = nullptr;
  const int result = curve_calculate_signature(signing_context(), &buffer, decoded, message.data(),
                                               message.size());
  ec_private_key_destroy(reinterpret_cast<signal_type_base*>(decoded));
  require_curve(result == 0 && signal_buffer_len(buffer) == 64, "signature");
  Signature signature{};
  std::copy_n(signal_buffer_data(buffer), signature.size(), signature.begin());
  signal_buffer_free(buffer);
  return signature;
}

bool xeddsa_verify(const PublicKey& key, BytesView message, BytesView signature) {
  if (signature.size() != 64) return false;
  const Bytes encoded = with_type_byte(key);
  ec_public_key* decoded = nullptr;
  if (curve_decode_point(&decoded, encoded.data(), encoded.size(), signing_context()) != 0) {
    return false;
  }
  const int result = curve_verify_signature(decoded, message.data(), message.size(),
                                            signature.data(), signature.size());
  ec_public_key_destroy(reinterpret_cast<signal_type_base*>(decoded));
  return result == 1;
}

PublicKey public_key_from(BytesView bytes) {
  if (bytes.size() != 32) {
    throw Error(ErrorCode::kProtocol,
                "a public key has " + std::to_string(bytes.size()) + " bytes instead of 32");
  }
  PublicKey key{};
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Bytes with_type_byte(const PublicKey& key) {
  Bytes out{kCurve25519Type};
  append(out, key);
  return out;
}

}  // namespace wasync
