// Encrypts and decrypts with the Signal protocol (libsignal-protocol-c, message version 3).
//
// Everything here runs inside the caller's transaction on the store's Database, and throws
// Error(kInternal) when none is open. What a peer can cause is a value, SignalFailure; the call has
// then written nothing, and the caller may go on with the transaction. An exception is trouble of
// our own: a failing file, no local identity, no memory.
//
// One SignalCipher and its store belong to one thread at a time; several may live in different
// threads. Plaintexts have WhatsApp's padding (signal/padding.h); the caller pads and unpads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/jid.h"
#include "signal/address.h"
#include "signal/pre_key.h"

namespace wasync {

class SignalLibrary;  // libsignal's contexts and the callbacks into the store
class SignalStore;

enum class SignalFailure {
  kNoSession,          // no session or sender key to decrypt with: ask for a retry
  kBadMac,             // well formed, but no known session state authenticates it
  kDuplicate,          // decrypted before, or too old: drop it
  kInvalidKeyId,       // begins a session with a pre-key that we do not have, or no longer have
  kInvalidKey,         // a key that is none, or whose signature does not verify
  kUntrustedIdentity,  // the identity changed, and the policy refuses that
  kInvalidMessage,     // cannot be parsed, or makes no sense
  kInvalidVersion,     // another version of the Signal message format
};
std::string_view name(SignalFailure failure);  // "no_session", …

// The `type` of an enc node with a pairwise message.
enum class EncType {
  kPreKeyMessage,  // "pkmsg": carries what is needed to begin a session
  kMessage,        // "msg"
};
std::string_view name(EncType type);
std::optional<EncType> enc_type_from(std::string_view name);

struct Ciphertext {
  EncType type = EncType::kMessage;
  Bytes bytes;
};

struct [[nodiscard]] Decrypted {
  std::optional<Bytes> plaintext;
  std::optional<SignalFailure> failure;  // set exactly when `plaintext` is not
  // The sender's identity key is not the one we knew: report it to the user.
  bool identity_changed = false;

  explicit operator bool() const { return plaintext.has_value(); }
};

enum class IdentityPolicy {
  kAcceptChanges,  // as WhatsApp does: go on with the new key and tell
  kRefuseChanges,  // nor a session that is of another identity than the store's
};

class SignalCipher {
 public:
  // Keeps a reference to `store`.
  explicit SignalCipher(SignalStore& store, IdentityPolicy policy = IdentityPolicy::kAcceptChanges);
  ~SignalCipher();
  SignalCipher(const SignalCipher&) = delete;
  SignalCipher& operator=(const SignalCipher&) = delete;

  // --- with one device -------------------------------------------------------------------
  // Advances the ratchet; a pre-key message also begins the session and removes the one-time
  // pre-key it used.
  Decrypted decrypt(const SignalAddress& sender, EncType type, BytesView ciphertext);
  // Nothing without a session that the policy allows: process the device's bundle first. Makes
  // pre-key messages until the peer has answered.
  std::optional<Ciphertext> encrypt(const SignalAddress& recipient, BytesView plaintext);
  // Begins a session in place of any earlier one, which can still decrypt what is under way.
  // Nothing means success. To learn whether the identity changed, compare
  // `SignalStore::identity` before and after.
  [[nodiscard]] std::optional<SignalFailure> process_bundle(const SignalAddress& peer,
                                                            const PreKeyBundle& bundle);
  // For a session that was put back from a backup: its sending chains go on beyond what was sent
  // since, so that no key encrypts twice. The peer skips the keys between. No effect without a
  // session.
  void skip_sending_keys(const SignalAddress& peer);
  // The registration id the peer began the session with; nothing without a session.
  std::optional<std::uint32_t> remote_registration_id(const SignalAddress& peer);
  // The base key of the session, by which two sides can tell whether they mean the same
  // session (retry receipts); nothing without a session.
  std::optional<PublicKey> session_base_key(const SignalAddress& peer);

  // --- with a group: sender keys -----------------------------------------------------------
  // What a member sent (pairwise) so that we can read their messages to the group: the bytes
  // inside the senderKeyDistributionMessage. Nothing means success.
  [[nodiscard]] std::optional<SignalFailure> process_sender_key_distribution(
      const Jid& group, const SignalAddress& sender, BytesView distribution);
  Decrypted group_decrypt(const Jid& group, const SignalAddress& sender, BytesView ciphertext);
  // Our own sender key for the group; makes one when there is none. Every member device needs it
  // before it can read what `group_encrypt` returns.
  Bytes create_sender_key_distribution(const Jid& group, const SignalAddress& own);
  // Nothing before create_sender_key_distribution.
  std::optional<Bytes> group_encrypt(const Jid& group, const SignalAddress& own,
                                     BytesView plaintext);

 private:
  std::unique_ptr<SignalLibrary> library_;
};

}  // namespace wasync
