// This device's own keys; what concerns peers is in peer_store.cpp.
#include "signal/store.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "signal/schema.h"

namespace wasync {
namespace {

// Values of signal_pre_keys.state.
enum PreKeyState { kMade = 0, kOnServer = 1, kGivenToPeer = 2, kOfBackup = 3 };

constexpr std::int64_t kSignedPreKeysKept = 4;
constexpr std::int64_t kGivenToPeersKept = 500;
// More ids than are given out between two looks at them, however many messages do not decrypt.
constexpr std::uint32_t kUnseenIds = 1 << 16;

std::uint32_t id_after(std::uint32_t id) {
  return id >= kMaxPreKeyId ? 1 : id + 1;
}

// Ids start over at the end.
std::uint32_t id_behind_unseen(std::uint32_t id) {
  return 1 + (id - 1 + kUnseenIds) % kMaxPreKeyId;
}

Error not_paired() {
  return {ErrorCode::kNotPaired, "this account has no Signal identity", "pair it with a phone"};
}

}  // namespace

SignalStore::SignalStore(Database& database) : database_(database) {
  migrate(database_, signal_tables());
}

void SignalStore::require_transaction() const {
  if (!database_.in_transaction()) {
    throw Error(ErrorCode::kInternal, "the Signal store was to be changed outside a transaction");
  }
}

LocalIdentity SignalStore::create_local_identity() {
  return create_local_identity(KeyPair::generate());
}

LocalIdentity SignalStore::create_local_identity(const KeyPair& key) {
  const LocalIdentity identity{
      .key = key, .registration_id = static_cast<std::uint32_t>(1 + random_below(16380))};
  const KeyPair pre_key = KeyPair::generate();
  create_local_identity(
      identity,
      {.id = 1,
       .public_key = pre_key.public_key,
       .signature = xeddsa_sign(key.private_key, with_type_byte(pre_key.public_key))},
      pre_key.private_key);
  return identity;
}

void SignalStore::create_local_identity(const LocalIdentity& identity,
                                        const SignedPreKey& first_signed_pre_key,
                                        const PrivateKey& signed_pre_key_private) {
  require_transaction();
  if (has_local_identity()) {
    throw Error(ErrorCode::kInternal, "there is a Signal identity already");
  }
  database_
      .prepare(
          "INSERT INTO signal_local (id, private_key, registration_id, next_pre_key_id,"
          " signed_pre_key_id) VALUES (1, ?, ?, 1, ?)")
      .bind(identity.key.private_key, identity.registration_id, first_signed_pre_key.id)
      .run();
  put_signed_pre_key(first_signed_pre_key, signed_pre_key_private, true);
}

bool SignalStore::has_local_identity() const {
  return database_.prepare("SELECT 1 FROM signal_local").step();
}

LocalIdentity SignalStore::local_identity() const {
  auto row = database_.prepare("SELECT private_key, registration_id FROM signal_local");
  if (!row.step()) throw not_paired();
  return {.key = KeyPair::from_private(row.blob_view(0)),
          .registration_id = static_cast<std::uint32_t>(row.integer(1))};
}

void SignalStore::erase() {
  require_transaction();
  database_.execute(
      "DELETE FROM signal_local; DELETE FROM signal_pre_keys; DELETE FROM signal_signed_pre_keys;"
      "DELETE FROM signal_identities; DELETE FROM signal_sessions; DELETE FROM signal_sender_keys");
}

PreKey SignalStore::insert_new_pre_key(int state) {
  std::uint32_t id = next_pre_key_id();
  // Ids start over at the end; a few from the last round may still be in use.
  while (pre_key(id)) id = id_after(id);
  const KeyPair key = KeyPair::generate();
  database_.prepare("INSERT INTO signal_pre_keys (id, private_key, state) VALUES (?, ?, ?)")
      .bind(id, key.private_key, state)
      .run();
  database_.prepare("UPDATE signal_local SET next_pre_key_id = ?").bind(id_after(id)).run();
  return {.id = id, .public_key = key.public_key};
}

std::vector<PreKey> SignalStore::pre_keys_to_upload(std::size_t count) {
  require_transaction();
  std::vector<PreKey> keys;
  keys.reserve(count);
  {
    auto left_over = database_.prepare(
        "SELECT id, private_key FROM signal_pre_keys WHERE state = 0 ORDER BY id LIMIT ?");
    left_over.bind(count);
    while (left_over.step()) {
      keys.push_back({.id = static_cast<std::uint32_t>(left_over.integer(0)),
                      .public_key = KeyPair::from_private(left_over.blob_view(1)).public_key});
    }
  }
  while (keys.size() < count) keys.push_back(insert_new_pre_key(kMade));
  return keys;
}

void SignalStore::mark_uploaded(std::span<const PreKey> keys) {
  require_transaction();
  auto update = database_.prepare("UPDATE signal_pre_keys SET state = ? WHERE id = ?");
  for (const PreKey& key : keys) update.bind(kOnServer, key.id).run();
}

std::vector<PreKey> SignalStore::generate_pre_keys(std::size_t count) {
  require_transaction();
  std::vector<PreKey> keys(count);
  std::generate(keys.begin(), keys.end(), [this] { return insert_new_pre_key(kMade); });
  return keys;
}

PreKey SignalStore::pre_key_for_peer() {
  require_transaction();
  const PreKey key = insert_new_pre_key(kGivenToPeer);
  // Every undecryptable message makes us give a key away, and an attacker can send many; peers use
  // few of these keys. So keep only the newest.
  database_
      .prepare(
          "DELETE FROM signal_pre_keys WHERE state = ? AND id <= (SELECT id FROM signal_pre_keys"
          " WHERE state = ? ORDER BY id DESC LIMIT 1 OFFSET ?)")
      .bind(kGivenToPeer, kGivenToPeer, kGivenToPeersKept)
      .run();
  return key;
}

std::size_t SignalStore::uploaded_pre_key_count() const {
  auto row = database_.prepare("SELECT count(*) FROM signal_pre_keys WHERE state = ?");
  row.bind(kOnServer).step();
  return static_cast<std::size_t>(row.integer(0));
}

std::optional<KeyPair> SignalStore::pre_key(std::uint32_t id) const {
  auto row = database_.prepare("SELECT private_key FROM signal_pre_keys WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return KeyPair::from_private(row.blob_view(0));
}

void SignalStore::remove_pre_key(std::uint32_t id) {
  require_transaction();
  database_.prepare("DELETE FROM signal_pre_keys WHERE id = ?").bind(id).run();
}

std::uint32_t SignalStore::next_pre_key_id() const {
  auto row = database_.prepare("SELECT next_pre_key_id FROM signal_local");
  if (!row.step()) throw not_paired();
  return static_cast<std::uint32_t>(row.integer(0));
}

// Some of the keys are on the server, some are used up, and nobody can tell which. Also those that
// were still to be uploaded may have been since.
void SignalStore::renew_pre_keys(std::uint32_t next_seen, std::uint32_t signed_seen) {
  require_transaction();
  database_.prepare("UPDATE signal_local SET next_pre_key_id = ?")
      .bind(id_behind_unseen(next_seen))
      .run();
  database_.prepare("UPDATE signal_pre_keys SET state = ? WHERE state IN (?, ?)")
      .bind(kOfBackup, kMade, kOnServer)
      .run();
  use_new_signed_pre_key(id_behind_unseen(signed_seen));
}

SignedPreKey SignalStore::insert_signed_pre_key(std::uint32_t id, const KeyPair& identity) {
  const KeyPair pair = KeyPair::generate();
  const SignedPreKey key{
      .id = id,
      .public_key = pair.public_key,
      .signature = xeddsa_sign(identity.private_key, with_type_byte(pair.public_key))};
  put_signed_pre_key(key, pair.private_key, false);
  return key;
}

void SignalStore::put_signed_pre_key(const SignedPreKey& key, const PrivateKey& private_key,
                                     bool on_server) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO signal_signed_pre_keys"
          " (id, private_key, signature, created_at_s, on_server) VALUES (?, ?, ?, ?, ?)")
      .bind(key.id, private_key, key.signature, UnixSeconds::now(), on_server)
      .run();
}

SignedPreKey SignalStore::signed_pre_key() const {
  auto row = database_.prepare(
      "SELECT s.id, s.private_key, s.signature FROM signal_signed_pre_keys s"
      " JOIN signal_local l ON s.id = l.signed_pre_key_id");
  if (!row.step()) throw not_paired();
  SignedPreKey key{.id = static_cast<std::uint32_t>(row.integer(0)),
                   .public_key = KeyPair::from_private(row.blob_view(1)).public_key};
  // The table's CHECK makes sure of the 64 bytes.
  std::ranges::copy(row.blob_view(2).first(key.signature.size()), key.signature.begin());
  return key;
}

UnixSeconds SignalStore::signed_pre_key_created_at() const {
  auto row = database_.prepare(
      "SELECT s.created_at_s FROM signal_signed_pre_keys s"
      " JOIN signal_local l ON s.id = l.signed_pre_key_id");
  if (!row.step()) throw not_paired();
  return row.time(0);
}

bool SignalStore::signed_pre_key_on_server() const {
  auto row = database_.prepare(
      "SELECT s.on_server FROM signal_signed_pre_keys s"
      " JOIN signal_local l ON s.id = l.signed_pre_key_id");
  if (!row.step()) throw not_paired();
  return row.integer(0) != 0;
}

void SignalStore::mark_signed_pre_key_uploaded(std::uint32_t id) {
  require_transaction();
  database_.prepare("UPDATE signal_signed_pre_keys SET on_server = 1 WHERE id = ?").bind(id).run();
}

SignedPreKey SignalStore::rotate_signed_pre_key() {
  require_transaction();
  return use_new_signed_pre_key(id_after(signed_pre_key().id));
}

SignedPreKey SignalStore::use_new_signed_pre_key(std::uint32_t id) {
  SignedPreKey key = insert_signed_pre_key(id, local_identity().key);
  database_.prepare("UPDATE signal_local SET signed_pre_key_id = ?").bind(id).run();
  database_
      .prepare(
          "DELETE FROM signal_signed_pre_keys WHERE id NOT IN (SELECT id FROM"
          " signal_signed_pre_keys ORDER BY created_at_s DESC, id DESC LIMIT ?)"
          " AND id <> ?")
      .bind(kSignedPreKeysKept, id)
      .run();
  return key;
}

std::optional<KeyPair> SignalStore::signed_pre_key_pair(std::uint32_t id) const {
  auto row = database_.prepare("SELECT private_key FROM signal_signed_pre_keys WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return KeyPair::from_private(row.blob_view(0));
}

}  // namespace wasync
