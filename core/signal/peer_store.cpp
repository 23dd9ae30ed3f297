// What SignalStore remembers about peers: identities, sessions and sender keys.
#include "base/sqlite.h"
#include "signal/store.h"

namespace wasync {
namespace {

// The devices at `to_name` whose identity is another than that of the same device at `from_name`.
std::vector<SignalAddress> others_at(Database& database, const std::string& from_name,
                                     const std::string& to_name) {
  std::vector<SignalAddress> devices;
  auto row = database.prepare(
      "SELECT o.device FROM signal_identities f JOIN signal_identities o"
      " ON o.name = ? AND o.device = f.device WHERE f.name = ? AND o.public_key <> f.public_key");
  row.bind(to_name, from_name);
  while (row.step()) {
    devices.push_back({.name = to_name, .device = static_cast<std::uint16_t>(row.integer(0))});
  }
  return devices;
}

bool has_any_of(Database& database, const std::string& name) {
  auto query = database.prepare(
      "SELECT EXISTS (SELECT 1 FROM signal_sessions WHERE name = ?1)"
      " OR EXISTS (SELECT 1 FROM signal_identities WHERE name = ?1)"
      " OR EXISTS (SELECT 1 FROM signal_sender_keys WHERE name = ?1)");
  return query.bind(name).step() && query.integer(0) != 0;
}

}  // namespace

std::optional<PublicKey> SignalStore::identity(const SignalAddress& peer) const {
  auto row =
      database_.prepare("SELECT public_key FROM signal_identities WHERE name = ? AND device = ?");
  if (!row.bind(peer.name, peer.device).step()) return std::nullopt;
  return public_key_from(row.blob_view(0));
}

IdentityChange SignalStore::put_identity(const SignalAddress& peer, const PublicKey& key) {
  require_transaction();
  const auto known = identity(peer);
  if (known == key) return IdentityChange::kSame;
  database_
      .prepare(
          "INSERT INTO signal_identities (name, device, public_key) VALUES (?, ?, ?)"
          " ON CONFLICT DO UPDATE SET public_key = excluded.public_key,"
          " changes = changes + 1, changed_at_s = ?")
      .bind(peer.name, peer.device, key, UnixSeconds::now())
      .run();
  return known ? IdentityChange::kChanged : IdentityChange::kFirstSeen;
}

void SignalStore::pin_identity(const SignalAddress& peer, const PublicKey& key) {
  if (identity(peer) == key) return;
  forget_keys_of(peer);
  put_identity(peer, key);
}

void SignalStore::forget_keys_of(const SignalAddress& peer) {
  delete_session(peer);
  database_.prepare("DELETE FROM signal_sender_keys WHERE name = ? AND device = ?")
      .bind(peer.name, peer.device)
      .run();
}

std::int64_t SignalStore::identity_changes(const SignalAddress& peer) const {
  auto row =
      database_.prepare("SELECT changes FROM signal_identities WHERE name = ? AND device = ?");
  return row.bind(peer.name, peer.device).step() ? row.integer(0) : 0;
}

void SignalStore::delete_identity(const SignalAddress& peer) {
  require_transaction();
  database_.prepare("DELETE FROM signal_identities WHERE name = ? AND device = ?")
      .bind(peer.name, peer.device)
      .run();
}

bool SignalStore::has_session(const SignalAddress& peer) const {
  auto row = database_.prepare("SELECT 1 FROM signal_sessions WHERE name = ? AND device = ?");
  return row.bind(peer.name, peer.device).step();
}

std::optional<Bytes> SignalStore::session(const SignalAddress& peer) const {
  auto row = database_.prepare("SELECT record FROM signal_sessions WHERE name = ? AND device = ?");
  if (!row.bind(peer.name, peer.device).step()) return std::nullopt;
  return row.blob(0);
}

void SignalStore::put_session(const SignalAddress& peer, BytesView record) {
  require_transaction();
  database_
      .prepare(
          "INSERT INTO signal_sessions (name, device, record) VALUES (?, ?, ?)"
          " ON CONFLICT DO UPDATE SET record = excluded.record")
      .bind(peer.name, peer.device, record)
      .run();
}

bool SignalStore::delete_session(const SignalAddress& peer) {
  require_transaction();
  database_.prepare("DELETE FROM signal_sessions WHERE name = ? AND device = ?")
      .bind(peer.name, peer.device)
      .run();
  return database_.changes() > 0;
}

std::vector<SignalAddress> SignalStore::sessions_of(const std::string& name) const {
  std::vector<SignalAddress> devices;
  auto row = database_.prepare("SELECT device FROM signal_sessions WHERE name = ? ORDER BY device");
  row.bind(name);
  while (row.step()) {
    devices.push_back({.name = name, .device = static_cast<std::uint16_t>(row.integer(0))});
  }
  return devices;
}

std::size_t SignalStore::delete_sessions_of(const std::string& name) {
  require_transaction();
  database_.prepare("DELETE FROM signal_sessions WHERE name = ?").bind(name).run();
  return static_cast<std::size_t>(database_.changes());
}

std::size_t SignalStore::move_user(const std::string& from_name, const std::string& to_name) {
  require_transaction();
  // Asked for with each message of somebody who has both: nearly always all is moved long since.
  if (from_name == to_name || !has_any_of(database_, from_name)) return 0;
  for (const SignalAddress& other : others_at(database_, from_name, to_name)) forget_keys_of(other);
  database_.prepare("UPDATE OR REPLACE signal_identities SET name = ? WHERE name = ?")
      .bind(to_name, from_name)
      .run();
  database_.prepare("UPDATE OR REPLACE signal_sender_keys SET name = ? WHERE name = ?")
      .bind(to_name, from_name)
      .run();
  database_.prepare("UPDATE OR REPLACE signal_sessions SET name = ? WHERE name = ?")
      .bind(to_name, from_name)
      .run();
  return static_cast<std::size_t>(database_.changes());
}

std::optional<Bytes> SignalStore::sender_key(const std::string& group,
                                             const SignalAddress& sender) const {
  auto row = database_.prepare(
      "SELECT record FROM signal_sender_keys WHERE group_id = ? AND name = ? AND device = ?");
  if (!row.bind(group, sender.name, sender.device).step()) return std::nullopt;
  return row.blob(0);
}

void SignalStore::put_sender_key(const std::string& group, const SignalAddress& sender,
                                 BytesView record) {
  require_transaction();
  database_
      .prepare(
          "INSERT INTO signal_sender_keys (group_id, name, device, record)"
          " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record")
      .bind(group, sender.name, sender.device, record)
      .run();
}

bool SignalStore::delete_sender_key(const std::string& group, const SignalAddress& sender) {
  require_transaction();
  database_.prepare("DELETE FROM signal_sender_keys WHERE group_id = ? AND name = ? AND device = ?")
      .bind(group, sender.name, sender.device)
      .run();
  return database_.changes() > 0;
}

}  // namespace wasync
