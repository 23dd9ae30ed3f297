// Linking an account that demands its passkey, the side of the server and of the phone behind it:
// the challenge, the assertion that must verify, a handshake whose code both sides show.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "wire/node.h"

namespace wasync::sim {

struct Companion;

// What an authenticator has registered for an account.
struct Passkey {
  Bytes credential_id;
  Bytes public_key;  // SubjectPublicKeyInfo, of P-256
};

// One linking. Everything throws Error(kProtocol) naming what is wrong.
class PasskeyLink {
 public:
  // `known_secret`: the ADV secret that the phone has from a code; empty when it has none.
  PasskeyLink(std::optional<Passkey> passkey, Bytes known_secret);

  // WebAuthn options with a new challenge; the former one is no longer answered.
  std::string options();
  std::string ref();  // a new one

  // From <passkey_prologue>: what the phone says to the companion.
  Bytes take_prologue(const Node& prologue, const Companion& device);
  // From <companion_nonce>: from now on the phone shows the code.
  void take_nonce(BytesView nonce);
  // From <encrypted_pairing_request>.
  void take_request(BytesView request, const Companion& device);

  // The user compared this code with the phone's. False when the phone shows another or none.
  bool compare(const std::string& code);
  // The secret to seal under, once the phone has it and it is clear whose it is.
  std::optional<Bytes> secret() const;

 private:
  void check_assertion(const Node& prologue) const;

  std::optional<Passkey> passkey_;
  Bytes known_secret_;
  Bytes challenge_;
  std::string ref_;
  KeyPair ephemeral_ = KeyPair::generate();
  Bytes nonce_;
  std::string companion_identity_;  // as it committed to it
  std::string commitment_;
  std::string code_;
  Bytes key_;
  Bytes secret_;
  bool trusted_ = false;  // by proof or by comparison
};

}  // namespace wasync::sim
