// Somebody who speaks Signal with the companions: the phone itself, or a contact's phone.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "base/jid.h"
#include "base/sqlite.h"
#include "signal/cipher.h"
#include "signal/store.h"

namespace wasync::sim {

class SignalParty {
 public:
  // Keeps its sessions in `file`, which only it uses.
  SignalParty(const std::filesystem::path& file, const KeyPair& identity);

  const PublicKey& identity() const { return identity_.public_key; }

  // Pads and encrypts for one device; begins a session with `bundle` when there is none yet
  // (`bundle` is asked only then). Throws Error(kInternal) when that fails.
  template <typename Bundle>
  Ciphertext encrypt(const Jid& device, BytesView message, Bundle&& bundle) {
    if (!has_session(device)) begin_session(device, bundle());
    return encrypt_in_session(device, message);
  }
  bool has_session(const Jid& device) const;
  // In place of any earlier session.
  void begin_session(const Jid& device, const PreKeyBundle& bundle);

  // Loses it, as a phone that was restored does.
  void forget_session(const Jid& device);

  // Decrypts and unpads; nothing when that fails (`failure` then names why).
  std::optional<Bytes> decrypt(const Jid& device, EncType type, BytesView ciphertext,
                               std::string& failure);

  // What others write to a group: their key first.
  void process_sender_key(const Jid& group, const Jid& sender, BytesView distribution);
  std::optional<Bytes> group_decrypt(const Jid& group, const Jid& sender, BytesView ciphertext,
                                     std::string& failure);

  // A bundle for strangers, with a one-time pre-key.
  PreKeyBundle bundle();

  // The sender key of a group, as bytes for a senderKeyDistributionMessage, and its messages.
  Bytes sender_key_distribution(const Jid& group, const Jid& own);
  Bytes group_encrypt(const Jid& group, const Jid& own, BytesView message);

 private:
  Ciphertext encrypt_in_session(const Jid& device, BytesView message);

  KeyPair identity_;
  Database database_;
  SignalStore store_;
  SignalCipher cipher_;
};

}  // namespace wasync::sim
