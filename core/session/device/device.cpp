#include "session/device/device.h"

#include <array>

#include "base/crypto.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "session/app_state/collection.h"

namespace wasync {
namespace {

constexpr std::uint32_t kMaxRegistrationId = 16380;  // libsignal's range
constexpr std::size_t kAdvSecretSize = 32;

// Never edit a published version: append the next one.
constexpr std::array<std::string_view, 4> kMigrations{R"sql(
  CREATE TABLE device (
    only_row               INTEGER PRIMARY KEY CHECK (only_row = 1),
    noise_private_key      BLOB NOT NULL,
    jid                    TEXT NOT NULL,
    lid                    TEXT NOT NULL,
    platform               TEXT NOT NULL,
    business_name          TEXT NOT NULL,
    signed_identity        BLOB NOT NULL,
    routing_info           BLOB NOT NULL,
    paired_at              INTEGER NOT NULL,
    full_history_requested INTEGER NOT NULL,
    history_awaited        INTEGER NOT NULL
  );

  -- app_state/keys.h
  CREATE TABLE app_state_keys (
    id           BLOB PRIMARY KEY,
    data         BLOB,                        -- NULL: we lack it
    requested_at INTEGER NOT NULL DEFAULT 0   -- from the phone
  ) WITHOUT ROWID;

  -- app_state/collection.h
  CREATE TABLE app_state_collections (
    name     TEXT PRIMARY KEY,
    standing INTEGER NOT NULL,
    version  INTEGER NOT NULL DEFAULT 0,
    hash     BLOB NOT NULL DEFAULT x'',
    problem  TEXT NOT NULL DEFAULT ''
  ) WITHOUT ROWID;
  CREATE TABLE app_state_values (
    collection TEXT NOT NULL,
    index_mac  BLOB NOT NULL,
    value_mac  BLOB NOT NULL,
    index_text TEXT NOT NULL,
    PRIMARY KEY (collection, index_mac)
  ) WITHOUT ROWID;
  CREATE INDEX app_state_values_by_index ON app_state_values (collection, index_text);
)sql",
                                                      R"sql(
  -- awaited_messages.h
  CREATE TABLE awaited_messages (
    row_id          INTEGER PRIMARY KEY,
    id              TEXT NOT NULL,
    chat            TEXT NOT NULL,              -- as the stanza addressed it
    sender          TEXT NOT NULL,              -- likewise, without device
    from_me         INTEGER NOT NULL,
    sent_at         INTEGER NOT NULL,
    shown           INTEGER NOT NULL,           -- 1: the inbox has a placeholder
    phone_has_it    INTEGER NOT NULL,           -- 0: the phone is not to be asked
    came            INTEGER NOT NULL DEFAULT 0,
    first_failed_at INTEGER NOT NULL,
    last_failure    TEXT NOT NULL,
    receipts        INTEGER NOT NULL DEFAULT 0,
    requests        INTEGER NOT NULL DEFAULT 0,
    requested_at    INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX awaited_messages_by_id ON awaited_messages (id);
  CREATE INDEX awaited_messages_open ON awaited_messages (row_id) WHERE came = 0;
)sql",
                                                      R"sql(
  -- older_messages.h
  CREATE TABLE history_requests (
    id       TEXT PRIMARY KEY,                  -- of the stanza; the answer quotes it
    chat     TEXT NOT NULL,                     -- as the request addressed it
    asked_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX history_requests_by_time ON history_requests (asked_at);
  CREATE INDEX history_requests_by_chat ON history_requests (chat, asked_at);
)sql",
                                                      R"sql(
  -- phone_heard.h
  ALTER TABLE device ADD COLUMN phone_heard_at INTEGER NOT NULL DEFAULT 0;
)sql"};

}  // namespace

DeviceKeys DeviceKeys::generate() {
  DeviceKeys keys;
  keys.noise = KeyPair::generate();
  keys.identity.key = KeyPair::generate();
  keys.identity.registration_id = static_cast<std::uint32_t>(1 + random_below(kMaxRegistrationId));
  keys.signed_pre_key = KeyPair::generate();
  keys.signed_pre_key_public = {
      .id = 1,
      .public_key = keys.signed_pre_key.public_key,
      .signature = xeddsa_sign(keys.identity.key.private_key,
                               with_type_byte(keys.signed_pre_key.public_key))};
  keys.adv_secret = random_bytes(kAdvSecretSize);
  return keys;
}

std::string Device::phone() const {
  return phone_of(jid).value_or("");
}

std::span<const std::string_view> session_migrations() {
  return kMigrations;
}

std::optional<Device> load_device(Database& database) {
  auto row = database.prepare(
      "SELECT noise_private_key, jid, lid, platform, business_name, signed_identity,"
      " routing_info, paired_at, full_history_requested, history_awaited, phone_heard_at"
      " FROM device");
  if (!row.step()) return std::nullopt;
  const auto jid = Jid::parse(row.text_view(1));
  if (!jid || row.blob_view(0).size() != PrivateKey{}.size()) {
    throw Error(
        ErrorCode::kStore,
        Phrase{"the account file holds a malformed device",
               "fișierul contului conține un dispozitiv malformat"},
        Phrase{"the file is damaged: restore it from a backup, or move it away and pair again",
               "fișierul este deteriorat: restaurează-l dintr-o copie sau mută-l și "
               "conectează din nou"});
  }
  return Device{.noise = KeyPair::from_private(row.blob_view(0)),
                .jid = *jid,
                .lid = Jid::parse(row.text_view(2)).value_or(Jid{}),
                .platform = row.text(3),
                .business_name = row.text(4),
                .signed_identity = row.blob(5),
                .routing_info = row.blob(6),
                .paired_at = row.time(7),
                .full_history_requested = row.integer(8) != 0,
                .history_awaited = row.integer(9) != 0,
                .phone_heard_at = row.time(10)};
}

void replace_device(SignalStore& store, const Device& device, const DeviceKeys& keys) {
  store.erase();
  forget_app_state(store.database());
  store.create_local_identity(keys.identity, keys.signed_pre_key_public,
                              keys.signed_pre_key.private_key);
  store.database()
      .prepare(
          "INSERT OR REPLACE INTO device (only_row, noise_private_key, jid, lid, platform,"
          " business_name, signed_identity, routing_info, paired_at, full_history_requested,"
          " history_awaited) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(device.noise.private_key, device.jid.to_string(), device.lid.to_string(),
            device.platform, device.business_name, device.signed_identity, device.routing_info,
            device.paired_at, device.full_history_requested, device.history_awaited)
      .run();
}

void store_lid(Database& database, const Jid& lid) {
  database.prepare("UPDATE device SET lid = ?").bind(lid.to_string()).run();
}

void store_routing_info(Database& database, BytesView routing_info) {
  database.prepare("UPDATE device SET routing_info = ?").bind(routing_info).run();
}

void store_history_awaited(Database& database, bool awaited) {
  database.prepare("UPDATE device SET history_awaited = ?").bind(awaited).run();
}

void store_phone_heard_at(Database& database, UnixSeconds at) {
  database.prepare("UPDATE device SET phone_heard_at = max(phone_heard_at, ?)").bind(at).run();
}

void forget_device(SignalStore& store) {
  store.erase();
  forget_app_state(store.database());
  store.database().execute("DELETE FROM device");
}

}  // namespace wasync
