// After a passkey has answered, phone and companion agree on a key through the server, and compare
// a code of eight characters. So no one between them gets the secret under which the phone will
// seal its signatures. Fact source: whatsmeow pair-passkey.go.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "session/device/device.h"
#include "session/link/passkey.h"
#include "wire/node.h"

namespace wasync {

// The key that proves to the phone that it is still us. The phone knows the former secret from a
// code.
Bytes passkey_handoff_key(BytesView adv_secret);

// One attempt. Its steps come in this order, each an IQ to send.
class PasskeyHandshake {
 public:
  // `ref` is what the server answered when we asked for <ref/>.
  explicit PasskeyHandshake(std::string ref);

  static Node ask_for_options();
  static Node ask_for_ref();
  // Read the answers. Throw Error(kProtocol) when an answer lacks what they read.
  static PasskeyRequest options_in(const Node& answer);
  static std::string ref_in(const Node& answer);

  // The assertion, and our commitment to our part of the handshake. Without `handoff_key` the
  // phone's user has to compare the code.
  Node prologue(const PasskeyAssertion& assertion, const std::optional<Bytes>& handoff_key);
  bool proven() const { return proven_; }

  // Takes the phone's part from the server's notification "crsc_continuation". Throws
  // Error(kProtocol).
  void take_continuation(const Node& notification);
  Node reveal() const;
  std::string code() const;  // the phone shows it as well: "ABCD-EFGH"
  // Hands over our keys and the new ADV secret.
  Node pairing_request(const DeviceKeys& keys) const;

 private:
  std::string ref_;
  KeyPair ephemeral_ = KeyPair::generate();
  Bytes nonce_;
  bool proven_ = false;
  PublicKey phone_key_{};
  Bytes phone_nonce_;
  Bytes encryption_key_;
};

}  // namespace wasync
