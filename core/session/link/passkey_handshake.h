// After a passkey has answered, phone and companion agree on a key through the server, and compare
// a code of eight characters, so that nobody between them gets the secret that the phone will seal
// its signatures under. Fact source: whatsmeow pair-passkey.go.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "session/device/device.h"
#include "session/link/passkey.h"
#include "wire/node.h"

namespace wasync {

// What proves to the phone, which knows the former secret from a code, that it is still us.
Bytes passkey_handoff_key(BytesView adv_secret);

// One attempt. Its steps come in this order, each an IQ to send.
class PasskeyHandshake {
 public:
  // `ref` is what the server named when it was asked for <ref/>.
  explicit PasskeyHandshake(std::string ref);

  static Node ask_for_options();
  static Node ask_for_ref();
  // From the answers. Throw Error(kProtocol) when they lack it.
  static PasskeyRequest options_in(const Node& answer);
  static std::string ref_in(const Node& answer);

  // The assertion, and our part of the handshake, committed to. Without `handoff_key` the phone's
  // user has to compare the code.
  Node prologue(const PasskeyAssertion& assertion, const std::optional<Bytes>& handoff_key);
  bool proven() const { return proven_; }

  // The phone's part, from the server's notification "crsc_continuation". Throws Error(kProtocol).
  void take_continuation(const Node& notification);
  Node reveal() const;
  std::string code() const;  // that the phone shows as well: "ABCD-EFGH"
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
