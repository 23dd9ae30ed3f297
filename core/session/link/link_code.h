// Linking by eight characters that the user types on the phone. They stand in for the QR code:
// a Diffie-Hellman exchange whose keys travel under the code yields the secret that a QR code
// would have shown, so whoever does not know the code links nothing. Fact source: whatsmeow
// pair-code.go.
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

  // The IQ that announces the code's keys, and what its answer brings. Throws
  // Error(kProtocol) when the answer lacks it.
  Node hello(const PublicKey& noise_key) const;
  void take_answer(const Node& answer);

  // Whether a <link_code_companion_reg> of the server is about this code, and whether it brings the
  // phone's key: that it does not is how a demand for a passkey announces itself.
  bool is_about(const Node& registration) const;
  static bool brings_key(const Node& registration);

  // The IQ that answers the phone, and the secret that keys the MAC of what it will sign.
  struct Finish {
    Node request;
    Bytes adv_secret;
  };
  // From the notification that the code was typed. That it was the right one shows only in
  // how the server answers. Throws Error(kProtocol) when it is malformed or about another
  // code than ours.
  Finish finish(const Node& notification, const DeviceKeys& keys) const;

 private:
  Jid phone_;
  std::string code_;  // eight characters
  KeyPair ephemeral_ = KeyPair::generate();
  Bytes ref_;  // the server's name for this attempt
};

}  // namespace wasync
