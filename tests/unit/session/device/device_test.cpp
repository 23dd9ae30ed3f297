#include "session/device/device.h"

#include "base/crypto.h"
#include "base/error.h"
#include "inbox/queries.h"
#include "proto/client_payload.pb.h"
#include "proto/device_props.pb.h"
#include "session/connection/client_payload.h"
#include "unit/session/account.h"

namespace device_test {

using namespace wasync;
using namespace wasync::test;

namespace {

pb::ClientPayload parsed(const Bytes& bytes) {
  pb::ClientPayload payload;
  REQUIRE(payload.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return payload;
}

pb::DeviceProps props_of(const pb::ClientPayload& payload) {
  pb::DeviceProps props;
  REQUIRE(props.ParseFromString(payload.device_pairing_data().device_props()));
  return props;
}

}  // namespace

TEST_CASE("every attempt to link has keys of its own, which belong together") {
  const DeviceKeys keys = DeviceKeys::generate();
  const DeviceKeys others = DeviceKeys::generate();
  CHECK(keys.noise.public_key != others.noise.public_key);
  CHECK(keys.identity.key.public_key != others.identity.key.public_key);
  CHECK(keys.adv_secret != others.adv_secret);
  CHECK(keys.adv_secret.size() == 32);
  CHECK(keys.identity.registration_id >= 1);
  CHECK(keys.identity.registration_id <= 16380);
  CHECK(xeddsa_verify(keys.identity.key.public_key, with_type_byte(keys.signed_pre_key.public_key),
                      keys.signed_pre_key_public.signature));
}

TEST_CASE("a device is found again as it was stored") {
  LinkedAccount account;
  Database again(account.file);
  const auto device = load_device(again);
  REQUIRE(device);
  CHECK(device->noise.private_key == account.keys.noise.private_key);
  CHECK(device->noise.public_key == account.keys.noise.public_key);
  CHECK(device->jid == account.device.jid);
  CHECK(device->lid == account.device.lid);
  CHECK(device->phone() == "+40700000001");
  CHECK(device->platform == "android");
  CHECK(device->signed_identity == account.device.signed_identity);
  CHECK(device->paired_at == account.device.paired_at);
  CHECK(device->full_history_requested);
  CHECK(device->history_awaited);
  const LocalIdentity identity = account.store.local_identity();
  CHECK(identity.key.private_key == account.keys.identity.key.private_key);
  CHECK(identity.registration_id == account.keys.identity.registration_id);
  CHECK(account.store.signed_pre_key().signature == account.keys.signed_pre_key_public.signature);
}

TEST_CASE("what changes while the device is linked is kept") {
  LinkedAccount account;
  Transaction transaction(account.db, "test");
  store_lid(account.db, jid("77:7@lid"));
  store_routing_info(account.db, Bytes{1, 2, 3});
  store_history_awaited(account.db, false);
  transaction.commit();
  const auto device = load_device(account.db);
  CHECK(device->lid == jid("77:7@lid"));
  CHECK(device->routing_info == Bytes{1, 2, 3});
  CHECK_FALSE(device->history_awaited);
}

TEST_CASE("linking anew replaces the device and keeps the inbox") {
  LinkedAccount account;
  Writer ana(account);
  {
    Transaction transaction(account.db, "test");
    InboxWriter inbox(account.db);
    Message message{.key = {.id = "A1", .remote_jid = "40722000000@s.whatsapp.net"},
                    .chat = jid("40722000000@s.whatsapp.net"),
                    .sent_at = {1'700'000'000},
                    .source = SyncSource::kRealtime};
    message.body = "kept";
    inbox.put_message(message);
    inbox.flush();
    account.store.pre_keys_to_upload(5);
    account.store.put_identity({.name = "40722000000", .device = 0}, ana.identity());
    transaction.commit();
  }
  const DeviceKeys keys = DeviceKeys::generate();
  wasync::Device device = account.device;
  device.noise = keys.noise;
  device.jid.device = 8;
  {
    Transaction transaction(account.db, "test");
    replace_device(account.store, device, keys);
  }
  CHECK(load_device(account.db)->jid.device == 7);  // not committed: nothing happened
  {
    Transaction transaction(account.db, "test");
    replace_device(account.store, device, keys);
    transaction.commit();
  }
  CHECK(load_device(account.db)->jid.device == 8);
  CHECK(load_device(account.db)->noise.private_key == keys.noise.private_key);
  CHECK(account.store.local_identity().key.private_key == keys.identity.key.private_key);
  CHECK(account.number("SELECT count(*) FROM signal_identities") == 0);
  CHECK(account.number("SELECT count(*) FROM signal_pre_keys") == 0);
  CHECK(list_threads(account.db).at(0).last_message == "kept");

  Transaction transaction(account.db, "test");
  forget_device(account.store);
  transaction.commit();
  CHECK_FALSE(load_device(account.db));
  CHECK_FALSE(account.store.has_local_identity());
  CHECK(list_threads(account.db).size() == 1);
}

TEST_CASE("a damaged device is a store error, not a crash") {
  LinkedAccount account;
  SUBCASE("address") {
    account.db.execute("UPDATE device SET jid = 'no address'");
  }
  SUBCASE("key") {
    account.db.execute("UPDATE device SET noise_private_key = x'0102'");
  }
  try {
    load_device(account.db);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kStore);
  }
}

TEST_CASE("registering asks for the full history as a desktop program") {
  const DeviceKeys keys = DeviceKeys::generate();
  CompanionOptions named_office;
  named_office.name = "Office";
  const pb::ClientPayload payload = parsed(registration_payload(named_office, keys));
  CHECK_FALSE(payload.has_username());
  CHECK_FALSE(payload.passive());
  CHECK_FALSE(payload.pull());
  CHECK(payload.connect_type() == pb::ClientPayload::CONNECT_TYPE_WIFI_UNKNOWN);
  CHECK(payload.connect_reason() == pb::ClientPayload::CONNECT_REASON_USER_ACTIVATED);
  CHECK(payload.user_agent().platform() == pb::ClientPayload::UserAgent::PLATFORM_WEB);
  CHECK(payload.user_agent().app_version().primary() == 2);
  CHECK(payload.user_agent().app_version().secondary() == 3000);

  const auto& data = payload.device_pairing_data();
  CHECK(data.e_regid().size() == 4);
  CHECK(data.e_keytype() == "\x05");
  CHECK(data.e_ident() == to_string(BytesView(keys.identity.key.public_key)));
  CHECK(data.e_skey_id() == std::string("\0\0\1", 3));
  CHECK(data.e_skey_val() == to_string(BytesView(keys.signed_pre_key.public_key)));
  CHECK(data.e_skey_sig() == to_string(BytesView(keys.signed_pre_key_public.signature)));
  CHECK(data.build_hash() == to_string(BytesView(md5(as_bytes(WebVersion{}.to_string())))));

  const pb::DeviceProps props = props_of(payload);
  CHECK(props.os() == "Office");
  CHECK(props.platform_type() == pb::DeviceProps::PLATFORM_TYPE_DESKTOP);
  CHECK(props.require_full_sync());
  CHECK(props.history_sync_config().full_sync_days_limit() >= 3650);
  CHECK(props.history_sync_config().full_sync_size_mb_limit() >= 100'000);
  CHECK(props.history_sync_config().storage_quota_mb() >= 100'000);
  CHECK(props.history_sync_config().inline_initial_payload_in_e2ee_msg());
}

// whatsmeow, which gets its older messages, leaves these out. One project reports that no phone
// answers without them (purple-gowhatsapp#280). Which holds can be tried with a real phone only.
TEST_CASE("registering does not promise history on demand") {
  const pb::ClientPayload payload = parsed(registration_payload({}, DeviceKeys::generate()));
  const auto config = props_of(payload).history_sync_config();
  CHECK_FALSE(config.has_on_demand_ready());
  CHECK_FALSE(config.has_complete_on_demand_ready());
}

TEST_CASE("registering for the recent history asks for no more") {
  CompanionOptions options;
  options.full_history = false;
  const pb::ClientPayload payload = parsed(registration_payload(options, DeviceKeys::generate()));
  CHECK_FALSE(props_of(payload).require_full_sync());
  CHECK_FALSE(props_of(payload).history_sync_config().has_full_sync_days_limit());
}

TEST_CASE("logging in names the device and comes in passive") {
  LinkedAccount account;
  const pb::ClientPayload payload = parsed(login_payload({}, account.device));
  CHECK(payload.username() == 40700000001);
  CHECK(payload.device() == 7);
  CHECK(payload.passive());
  CHECK(payload.pull());
  CHECK(payload.lid_db_migrated());
  CHECK_FALSE(payload.has_device_pairing_data());
  wasync::Device damaged = account.device;
  damaged.jid.user = "40700000001x";
  CHECK_THROWS_AS(login_payload({}, damaged), Error);
}

}  // namespace device_test
