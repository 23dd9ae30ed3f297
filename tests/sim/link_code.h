// Pairing by an eight-character code, the phone's side: the code wraps the first keys, a
// Diffie-Hellman exchange under it yields the secret that a QR code would have shown.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "wire/node.h"

namespace wasync::sim {

class LinkCode {
 public:
  // From the client's <link_code_companion_reg stage="companion_hello">. Throws
  // Error(kProtocol) when it is malformed or not about `own_phone` and `noise_key`.
  LinkCode(const Node& hello, const Jid& own_phone, const PublicKey& noise_key);

  const std::string& ref() const { return ref_; }
  // What the client gets for its hello.
  Node hello_answer() const;

  // The user typed `code` on the phone: the <link_code_companion_reg> of the notification.
  // A wrong code shows only when the client answers.
  Node primary_hello(std::string code, const KeyPair& phone);
  // From the client's stage="companion_finish": the ADV secret. Throws Error(kProtocol), for a
  // wrong code too.
  Bytes finish(const Node& registration, const KeyPair& phone,
               const PublicKey& companion_identity) const;

 private:
  std::string ref_;
  Bytes wrapped_companion_key_;
  std::optional<KeyPair> ephemeral_;
  PublicKey companion_ephemeral_{};
};

}  // namespace wasync::sim
