// Everything Signal remembers for one local device, in the tables of one Database.
//
// Every function that writes runs inside the caller's transaction and throws
// Error(kInternal) when none is open: the ratchet must become durable together with the
// message it decrypted, or not at all. Nothing is cached, so a rollback needs no help.
// Reading works with or without a transaction. Errors of the file are Error(kStore).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/curve25519.h"
#include "base/jid.h"
#include "signal/address.h"
#include "signal/pre_key.h"

namespace wasync {

class Database;

struct LocalIdentity {
  KeyPair key;
  std::uint32_t registration_id = 0;  // 1 to 16380
};

enum class IdentityChange {
  kSame,
  kFirstSeen,
  kChanged,  // we knew another key: the peer reinstalled, or an attacker pretends to be the peer
};

class SignalStore {
 public:
  // Keeps a reference to `database`. Creates or migrates the tables in a transaction of its own,
  // so the caller must have none open.
  explicit SignalStore(Database& database);

  Database& database() const { return database_; }
  // Throws Error(kInternal) unless a transaction is open.
  void require_transaction() const;

  // --- this device ---------------------------------------------------------------------
  // Also makes the first signed pre-key. Throws Error(kInternal) when there is an identity.
  LocalIdentity create_local_identity();
  LocalIdentity create_local_identity(const KeyPair& key);
  // With keys made earlier: a device registers with them before it has an account file.
  void create_local_identity(const LocalIdentity& identity,
                             const SignedPreKey& first_signed_pre_key,
                             const PrivateKey& signed_pre_key_private);
  bool has_local_identity() const;
  // Throws Error(kNotPaired) when none was created.
  LocalIdentity local_identity() const;
  // Forgets identity, keys and sessions: the device was logged out.
  void erase();

  // --- one-time pre-keys ---------------------------------------------------------------
  // Exactly `count` keys the server does not have: first those left over from an upload that
  // was not confirmed, then new ones. They stay "not uploaded" until mark_uploaded.
  std::vector<PreKey> pre_keys_to_upload(std::size_t count);
  void mark_uploaded(std::span<const PreKey> keys);
  // Always new ones, not uploaded yet.
  std::vector<PreKey> generate_pre_keys(std::size_t count);
  // A key that is handed to one peer directly (in a retry receipt) and never uploaded. Only
  // the latest few hundred of these are kept.
  PreKey pre_key_for_peer();
  std::size_t uploaded_pre_key_count() const;  // those we believe the server to have
  std::optional<KeyPair> pre_key(std::uint32_t id) const;
  void remove_pre_key(std::uint32_t id);
  std::uint32_t next_pre_key_id() const;  // throws Error(kNotPaired)
  // For a store that was put back from a backup, when the two ids were seen since: the next
  // one-time pre-key and the signed one in use. All further ids are some way behind them, so that
  // none is given out twice. Makes a new signed pre-key, and believes that the server has none of
  // our one-time pre-keys. Keeps those that there are: they still open what was begun with them.
  void renew_pre_keys(std::uint32_t next_seen, std::uint32_t signed_seen);

  // --- signed pre-key ------------------------------------------------------------------
  SignedPreKey signed_pre_key() const;  // the current one; throws Error(kNotPaired)
  UnixSeconds signed_pre_key_created_at() const;
  // Whether the server is known to have the current one. A device registers with its first.
  bool signed_pre_key_on_server() const;
  void mark_signed_pre_key_uploaded(std::uint32_t id);
  // Makes a new current one, which the server does not have yet. Keeps a few older ones, because
  // messages that begin sessions with them are under way.
  SignedPreKey rotate_signed_pre_key();
  // Current or older.
  std::optional<KeyPair> signed_pre_key_pair(std::uint32_t id) const;

  // --- peers' identities ---------------------------------------------------------------
  std::optional<PublicKey> identity(const SignalAddress& peer) const;
  // Trusts the first key. A changed key replaces the old one, and the store counts the change.
  IdentityChange put_identity(const SignalAddress& peer, const PublicKey& key);
  // For a key that is known from elsewhere. What the peer sent under another one goes: its session
  // and sender keys.
  void pin_identity(const SignalAddress& peer, const PublicKey& key);
  std::int64_t identity_changes(const SignalAddress& peer) const;
  void delete_identity(const SignalAddress& peer);

  // --- sessions (records in libsignal's serialisation) -----------------------------------
  bool has_session(const SignalAddress& peer) const;
  std::optional<Bytes> session(const SignalAddress& peer) const;
  void put_session(const SignalAddress& peer, BytesView record);
  // False when there was none.
  bool delete_session(const SignalAddress& peer);
  std::vector<SignalAddress> sessions_of(const std::string& name) const;
  // All devices of a user; returns how many there were.
  std::size_t delete_sessions_of(const std::string& name);

  // The user moved from one addressing to the other (phone number to LID): sessions,
  // identities and sender keys go along, replacing what was under the new name, as WhatsApp
  // does. Of a device whose identity is replaced by another one, nothing stays. Returns how many
  // sessions moved.
  std::size_t move_user(const std::string& from_name, const std::string& to_name);

  // --- sender keys of groups (records in libsignal's serialisation) ----------------------
  // `group` is the text form of the group's JID.
  std::optional<Bytes> sender_key(const std::string& group, const SignalAddress& sender) const;
  void put_sender_key(const std::string& group, const SignalAddress& sender, BytesView record);
  // After this, our next distribution starts a new chain (a member left).
  bool delete_sender_key(const std::string& group, const SignalAddress& sender);

 private:
  void forget_keys_of(const SignalAddress& peer);  // its session and sender keys
  PreKey insert_new_pre_key(int state);
  SignedPreKey insert_signed_pre_key(std::uint32_t id, const KeyPair& identity);
  SignedPreKey use_new_signed_pre_key(std::uint32_t id);
  void put_signed_pre_key(const SignedPreKey& key, const PrivateKey& private_key, bool on_server);

  Database& database_;
};

}  // namespace wasync
