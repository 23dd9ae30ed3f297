#include "session/device/device.h"

#include <array>

#include "base/columns.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "proto/adv.pb.h"

namespace wasync {
namespace {

constexpr std::uint32_t kMaxRegistrationId = 16380;  // libsignal's range
constexpr std::size_t kAdvSecretSize = 32;

// Another device takes this one's place, or none: the keys that app state is sealed with are
// forgotten. Everything is fetched from scratch; what the inbox learned stays, and the indexes with
// it (app_state_values), so that the next snapshot can tell what is gone.
void forget_app_state(Database& database) {
  database.execute("DELETE FROM app_state_keys; DELETE FROM app_state_collections");
}

Error malformed() {
  return {ErrorCode::kStore,
          Phrase{"the account file holds a malformed device",
                 "fișierul contului conține un dispozitiv malformat"},
          Phrase{"The file is damaged: restore it from a backup, or move it away and pair again.",
                 "Fișierul este deteriorat: restaurează-l dintr-o copie sau mută-l și "
                 "conectează din nou."}};
}

constexpr Column<Device> kNoiseKey{
    .name = "noise_private_key",
    .bind = [](Statement& statement,
               const Device& device) { statement.bind(device.noise.private_key); },
    .read =
        [](const Statement& query, int at, Device& device) {
          const BytesView key = query.blob_view(at);
          if (key.size() != PrivateKey{}.size()) throw malformed();
          device.noise = KeyPair::from_private(key);
        }};

constexpr Column<Device> kJid{
    .name = "jid",
    .bind = [](Statement& statement,
               const Device& device) { statement.bind(device.jid.to_string()); },
    .read =
        [](const Statement& query, int at, Device& device) {
          const auto jid = Jid::parse(query.text_view(at));
          if (!jid) throw malformed();
          device.jid = *jid;
        }};

constexpr Column<Device> kLid{
    .name = "lid",
    .bind = [](Statement& statement,
               const Device& device) { statement.bind(device.lid.to_string()); },
    .read = [](const Statement& query, int at,
               Device& device) { device.lid = Jid::parse(query.text_view(at)).value_or(Jid{}); }};

constexpr std::array kColumns{kNoiseKey,
                              kJid,
                              kLid,
                              column<&Device::platform>("platform"),
                              column<&Device::business_name>("business_name"),
                              column<&Device::signed_identity>("signed_identity"),
                              column<&Device::routing_info>("routing_info"),
                              column<&Device::paired_at>("paired_at"),
                              column<&Device::full_history_requested>("full_history_requested"),
                              column<&Device::history_awaited>("history_awaited"),
                              column<&Device::phone_heard_at>("phone_heard_at"),
                              column<&Device::deletion_secret>("deletion_secret"),
                              column<&Device::restored_at>("restored_at"),
                              column<&Device::phone_session_due>("phone_session_due")};

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

std::optional<PublicKey> Device::phone_identity() const {
  pb::SignedDeviceIdentity identity;
  if (!identity.ParseFromArray(signed_identity.data(), static_cast<int>(signed_identity.size())) ||
      identity.account_signature_key().size() != PublicKey{}.size()) {
    return std::nullopt;
  }
  return public_key_from(as_bytes(identity.account_signature_key()));
}

std::optional<Device> load_device(Database& database) {
  static const std::string kSelect = "SELECT " + column_names(kColumns) + " FROM device";
  auto query = database.prepare(kSelect);
  if (!query.step()) return std::nullopt;
  Device device;
  read_columns(query, kColumns, device);
  return device;
}

void replace_device(SignalStore& store, const Device& device, const DeviceKeys& keys) {
  store.erase();
  forget_app_state(store.database());
  store.database().execute("DELETE FROM phone_requests");
  store.create_local_identity(keys.identity, keys.signed_pre_key_public,
                              keys.signed_pre_key.private_key);
  static const std::string kInsert = "INSERT OR REPLACE INTO device (only_row, " +
                                     column_names(kColumns) + ") VALUES (1, " +
                                     placeholders(kColumns) + ")";
  auto insert = store.database().prepare(kInsert);
  bind_columns(insert, kColumns, device);
  insert.run();
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
  database.prepare("UPDATE device SET phone_heard_at = ?").bind(at).run();
}

void store_phone_session_begun(Database& database) {
  database.execute("UPDATE device SET phone_session_due = 0");
}

void store_deletion_secret(Database& database, std::string_view secret) {
  database.prepare("UPDATE device SET deletion_secret = ?").bind(secret).run();
}

void forget_device(SignalStore& store) {
  store.erase();
  forget_app_state(store.database());
  store.database().execute("DELETE FROM phone_requests; DELETE FROM device");
}

}  // namespace wasync
