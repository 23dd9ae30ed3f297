// X25519 key agreement and XEdDSA signatures over the same keys, as Signal uses them.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace wasync {

using PublicKey = std::array<std::uint8_t, 32>;  // without Signal's leading type byte 5
using PrivateKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

// The type byte that precedes a Curve25519 public key in Signal's serialisations.
inline constexpr std::uint8_t kCurve25519Type = 5;

struct KeyPair {
  PublicKey public_key{};
  PrivateKey private_key{};

  static KeyPair generate();
  // Throws Error(kCrypto) unless `private_key` has 32 bytes.
  static KeyPair from_private(BytesView private_key);
};

// Throws Error(kCrypto) when the peer's key has small order (the shared secret would be zero).
std::array<std::uint8_t, 32> x25519(const PrivateKey& ours, const PublicKey& theirs);

Signature xeddsa_sign(const PrivateKey& key, BytesView message);
bool xeddsa_verify(const PublicKey& key, BytesView message, BytesView signature);

// The 32 bytes as a key; throws Error(kProtocol) when the length is wrong.
PublicKey public_key_from(BytesView bytes);
// The key with the leading type byte: 33 bytes.
Bytes with_type_byte(const PublicKey& key);

}  // namespace wasync
