// Public halves of the keys with which strangers begin a session with a device.
#pragma once

#include <cstdint>
#include <optional>

#include "base/curve25519.h"

namespace wasync {

// Ids have 24 bits on the wire. 0xFFFFFF is reserved (libsignal never removes that one), and some
// clients read 0 as "no id". We use 1 up to this one, then start over.
inline constexpr std::uint32_t kMaxPreKeyId = 0xFF'FFFE;

// A one-time pre-key: beginning a session uses it up.
struct PreKey {
  std::uint32_t id = 0;
  PublicKey public_key{};
};

// `signature` is the identity key's XEdDSA over the public key with its type byte (33 bytes).
struct SignedPreKey {
  std::uint32_t id = 0;
  PublicKey public_key{};
  Signature signature{};
};

// What the server hands out about a device, enough to send it a first message. The protocol
// allows a bundle without a one-time pre-key, for when the server has none left.
struct PreKeyBundle {
  std::uint32_t registration_id = 0;
  PublicKey identity{};
  SignedPreKey signed_pre_key;
  std::optional<PreKey> pre_key;
};

}  // namespace wasync
