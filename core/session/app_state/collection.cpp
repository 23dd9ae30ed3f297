#include "session/app_state/collection.h"

#include <algorithm>

#include "base/sqlite.h"
#include "session/app_state/keys.h"

namespace wasync {
namespace {

constexpr std::int64_t kRepairAgainAfterS = 86'400;

bool is_known(std::string_view name) {
  return std::find(kCollections.begin(), kCollections.end(), name) != kCollections.end();
}

void set_standing(Database& database, std::string_view name, Standing standing) {
  database
      .prepare(
          "INSERT INTO app_state_collections (name, standing) VALUES (?, ?)"
          " ON CONFLICT (name) DO UPDATE SET standing = excluded.standing, problem = ''")
      .bind(name, static_cast<int>(standing))
      .run();
}

}  // namespace

Standing standing_of(Database& database, std::string_view name) {
  auto query = database.prepare("SELECT standing FROM app_state_collections WHERE name = ?");
  query.bind(name);
  return query.step() ? static_cast<Standing>(query.integer(0)) : Standing::kWanted;
}

std::vector<std::string_view> wanted_collections(Database& database) {
  std::vector<std::string_view> wanted;
  if (!has_app_state_keys(database)) return wanted;
  for (const std::string_view name : kCollections) {
    const Standing standing = standing_of(database, name);
    if (standing == Standing::kWanted || standing == Standing::kFetching) wanted.push_back(name);
  }
  return wanted;
}

std::vector<DamagedCollection> damaged_collections(Database& database) {
  auto query = database.prepare(
      "SELECT name, problem FROM app_state_collections WHERE standing = ? ORDER BY name");
  query.bind(static_cast<int>(Standing::kDamaged));
  std::vector<DamagedCollection> damaged;
  while (query.step()) damaged.push_back({.name = query.text(0), .problem = query.text(1)});
  return damaged;
}

CollectionState state_of(Database& database, std::string_view name) {
  auto query = database.prepare("SELECT version, hash FROM app_state_collections WHERE name = ?");
  query.bind(name);
  if (!query.step()) return {};
  return {.version = static_cast<std::uint64_t>(query.integer(0)),
          .hash = LtHash::from(query.blob_view(1))};
}

bool announce_version(Database& database, std::string_view name, std::uint64_t version) {
  if (!is_known(name)) return false;
  if (version != 0 && version <= state_of(database, name).version) return false;
  set_standing(database, name, Standing::kWanted);
  return true;
}

void want_unread_collections(Database& database) {
  database.prepare("UPDATE app_state_collections SET standing = ? WHERE standing IN (?, ?)")
      .bind(static_cast<int>(Standing::kWanted), static_cast<int>(Standing::kAwaitsKey),
            static_cast<int>(Standing::kDamaged))
      .run();
}

void begin_fetch(Database& database, std::string_view name) {
  set_standing(database, name, Standing::kFetching);
}

void end_fetch(Database& database, std::string_view name, Standing standing,
               std::string_view problem) {
  database
      .prepare(
          "UPDATE app_state_collections SET standing = ?, problem = ?"
          " WHERE name = ? AND standing = ?")
      .bind(static_cast<int>(standing), problem, name, static_cast<int>(Standing::kFetching))
      .run();
}

// A time in the future was noted before the clock was set back.
bool begin_recovery(Database& database, std::string_view name, UnixSeconds now) {
  database
      .prepare(
          "UPDATE app_state_collections SET recovery_asked_at = ?2 WHERE name = ?1"
          " AND recovery_asked_at NOT BETWEEN ?3 AND ?2")
      .bind(name, now, now.value - kRepairAgainAfterS)
      .run();
  return database.changes() > 0;
}

void store_state(Database& database, std::string_view name, const CollectionState& state) {
  database
      .prepare(
          "INSERT INTO app_state_collections (name, standing, version, hash) VALUES (?, ?, ?, ?)"
          " ON CONFLICT (name) DO UPDATE SET version = excluded.version, hash = excluded.hash")
      .bind(name, static_cast<int>(Standing::kWanted), state.version, state.hash.bytes())
      .run();
}

std::optional<Bytes> value_mac(Database& database, std::string_view name, BytesView index_mac) {
  auto query = database.prepare(
      "SELECT value_mac FROM app_state_values WHERE collection = ? AND index_mac = ?");
  query.bind(name, index_mac);
  if (!query.step()) return std::nullopt;
  return query.blob(0);
}

void put_value_mac(Database& database, std::string_view name, BytesView index_mac,
                   BytesView value_mac, std::string_view index) {
  database
      .prepare(
          "INSERT OR REPLACE INTO app_state_values (collection, index_mac, value_mac, index_text)"
          " VALUES (?, ?, ?, ?)")
      .bind(name, index_mac, value_mac, index)
      .run();
}

void erase_value_mac(Database& database, std::string_view name, BytesView index_mac) {
  database.prepare("DELETE FROM app_state_values WHERE collection = ? AND index_mac = ?")
      .bind(name, index_mac)
      .run();
}

void erase_value_macs(Database& database, std::string_view name) {
  database.prepare("DELETE FROM app_state_values WHERE collection = ?").bind(name).run();
}

bool has_index(Database& database, std::string_view name, std::string_view index) {
  auto query =
      database.prepare("SELECT 1 FROM app_state_values WHERE collection = ? AND index_text = ?");
  query.bind(name, index);
  return query.step();
}

std::vector<std::string> indexes_of(Database& database, std::string_view name) {
  auto query = database.prepare("SELECT index_text FROM app_state_values WHERE collection = ?");
  query.bind(name);
  std::vector<std::string> indexes;
  while (query.step()) indexes.push_back(query.text(0));
  return indexes;
}

}  // namespace wasync
