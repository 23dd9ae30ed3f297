// Links by eight characters that the user types on the phone. They stand in for the QR code: a
// Diffie-Hellman exchange, whose keys the code encrypts, yields the secret that a QR code would
// have shown. So only someone who knows the code can link. Fact source: whatsmeow pair-code.go.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "base/jid.h"
#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

// Five bytes as people read them: "ABCD-EFGH".
std::string as_code(BytesView five_bytes);

// One code, good for one attempt on one connection.
class LinkCode {
 public:
  // `phone` is the number of the account's phone, "+40737123397".
  explicit LinkCode(std::string_view phone);

  std::string text() const;  // as people read it: "ABCD-EFGH"

  // hello() is the IQ that announces the code's keys; take_answer() keeps what its answer brings.
  // Throws Error(kProtocol) when the answer lacks it.
  Node hello(const PublicKey& noise_key) const;
  void take_answer(const Node& answer);

  // Whether a <link_code_companion_reg> of the server is about this code, and whether it brings the
  // phone's key. One without the key announces that the server demands a passkey.
  bool is_about(const Node& registration) const;
  static bool brings_key(const Node& registration);

  // The IQ that answers the phone, and the secret that keys the MAC of what it will sign.
  struct Finish {
    Node request;
    Bytes adv_secret;
  };
  // Takes the notification that the user typed a code. Only the server's answer shows whether it
  // was the right code. Throws Error(kProtocol) when the notification is malformed or about another
  // code than ours.
  Finish finish(const Node& notification, const DeviceKeys& keys) const;

 private:
  Jid phone_;
  std::string code_;  // eight characters
  KeyPair ephemeral_ = KeyPair::generate();
  Bytes ref_;  // the server's name for this attempt
};

}  // namespace wasync
