// What the server says once a phone has vouched for this host, and the reply that it expects. Fact
// source: whatsmeow pair.go.
#pragma once

#include "base/curve25519.h"
#include "session/connection/client_payload.h"
#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

struct PairSuccess {
  Device device;
  PublicKey account_key{};  // the phone's identity key
  Node confirmation;        // <pair-device-sign>, our signature in it
};

// Reads a <pair-success>. Throws Error(kProtocol) when it does not say whose device we are, and
// Error(kPairingFailed) when its signatures do not verify.
PairSuccess read_pair_success(const Node& success, const DeviceKeys& keys,
                              const CompanionOptions& options);

}  // namespace wasync
