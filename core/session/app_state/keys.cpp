#include "session/app_state/keys.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/sqlite.h"
#include "proto/peer_message.pb.h"
#include "session/app_state/collection.h"

namespace wasync {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kMaxIdSize = 64;  // real ones have 6 bytes
constexpr int kMostKeys = 1'000;        // of one share
constexpr std::int64_t kAskAgainAfterS = 86'400;

}  // namespace

MutationKeys MutationKeys::derive(BytesView key) {
  const Bytes all = hkdf_sha256(key, {}, as_bytes("WhatsApp Mutation Keys"), 5 * kKeySize);
  const auto part = [&](std::size_t i) {
    return to_bytes(BytesView(all).subspan(i * kKeySize, kKeySize));
  };
  return {.index = part(0),
          .value_encryption = part(1),
          .value_mac = part(2),
          .snapshot_mac = part(3),
          .patch_mac = part(4)};
}

int store_app_state_keys(Database& database, const pb::AppStateSyncKeyShare& share) {
  int stored = 0;
  for (int i = 0; i < std::min(share.keys_size(), kMostKeys); ++i) {
    const pb::AppStateSyncKey& key = share.keys(i);
    const BytesView id = as_bytes(key.key_id().key_id());
    const BytesView data = as_bytes(key.key_data().key_data());
    // A phone that lacks a key we asked for answers with an empty one.
    if (id.empty() || id.size() > kMaxIdSize || data.size() != kKeySize) continue;
    database
        .prepare(
            "INSERT INTO app_state_keys (id, data) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET data = excluded.data")
        .bind(id, data)
        .run();
    ++stored;
  }
  if (stored > 0) want_unread_collections(database);
  return stored;
}

bool has_app_state_keys(Database& database) {
  return database.prepare("SELECT 1 FROM app_state_keys WHERE data IS NOT NULL LIMIT 1").step();
}

std::vector<Bytes> keys_to_request(Database& database, const std::vector<Bytes>& ids,
                                   UnixSeconds now) {
  std::vector<Bytes> wanted;
  for (const Bytes& id : ids) {
    if (id.empty() || id.size() > kMaxIdSize) continue;
    database
        .prepare(
            "INSERT INTO app_state_keys (id, requested_at) VALUES (?, ?) ON CONFLICT (id) DO"
            " UPDATE SET requested_at = excluded.requested_at"
            " WHERE data IS NULL AND (requested_at <= excluded.requested_at - ?"
            " OR requested_at > excluded.requested_at)")  // the clock was set back
        .bind(id, now, kAskAgainAfterS)
        .run();
    if (database.changes() > 0) wanted.push_back(id);
  }
  return wanted;
}

bool awaits_app_state_keys(Database& database) {
  return database.prepare("SELECT 1 FROM app_state_keys WHERE data IS NULL LIMIT 1").step();
}

std::vector<Bytes> keys_to_request_again(Database& database, UnixSeconds now) {
  std::vector<Bytes> awaited;
  auto query = database.prepare(
      "UPDATE app_state_keys SET requested_at = ? WHERE data IS NULL RETURNING id");
  query.bind(now);
  while (query.step()) awaited.push_back(query.blob(0));
  return awaited;
}

KeyRing::KeyRing(Database& database)
    : load_([&database](BytesView id) -> std::optional<Bytes> {
        auto query =
            database.prepare("SELECT data FROM app_state_keys WHERE id = ? AND data IS NOT NULL");
        query.bind(id);
        if (!query.step()) return std::nullopt;
        return query.blob(0);
      }) {}

const MutationKeys* KeyRing::find(BytesView id) {
  const auto [place, is_new] = derived_.try_emplace(to_bytes(id));
  if (is_new) {
    if (const auto key = load_(id)) place->second = MutationKeys::derive(*key);
  }
  return place->second ? &*place->second : nullptr;
}

}  // namespace wasync
