// Account-device verification: the phone signs our identity key, we sign back. This keeps a server
// that lies about the QR scan from linking us to somebody else's phone. Fact source: whatsmeow
// pair.go.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "session/device/device.h"

namespace wasync {

// Signature prefixes: they say what kind of statement is signed. When a business provider hosts the
// account, only the account's prefix differs.
namespace adv {
inline constexpr std::uint8_t kAccountSignature[] = {6, 0};
inline constexpr std::uint8_t kDeviceSignature[] = {6, 1};
inline constexpr std::uint8_t kHostedAccountSignature[] = {6, 5};
}  // namespace adv

struct VerifiedIdentity {
  Bytes signed_identity;    // serialised pb::SignedDeviceIdentity with our signature added
  Bytes reply;              // the same without the account's key: what the server wants back
  PublicKey account_key{};  // the phone's identity key
  std::uint32_t key_index = 0;
};

// Checks the <device-identity> of pair-success against our keys (MAC under the QR's
// secret, then the account's signature over our identity key) and signs it. Throws
// Error(kPairingFailed) naming what does not verify.
VerifiedIdentity verify_and_sign(BytesView device_identity, const DeviceKeys& keys);

}  // namespace wasync
