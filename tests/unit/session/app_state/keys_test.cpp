#include "session/app_state/keys.h"

#include "base/crypto.h"
#include "session/app_state/collection.h"
#include "unit/session/app_state/app_state.h"

namespace app_state_keys_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr UnixSeconds kToday{1'760'000'000};

void add_key(pb::AppStateSyncKeyShare& share, const std::string& id, const std::string& data) {
  auto* key = share.add_keys();
  key->mutable_key_id()->set_key_id(id);
  key->mutable_key_data()->set_key_data(data);
}

int store(LinkedAccount& account, const pb::AppStateSyncKeyShare& share) {
  Transaction transaction(account.db, "test");
  const int stored = store_app_state_keys(account.db, share);
  transaction.commit();
  return stored;
}

std::vector<Bytes> request(LinkedAccount& account, const std::vector<Bytes>& ids, UnixSeconds at) {
  Transaction transaction(account.db, "test");
  auto wanted = keys_to_request(account.db, ids, at);
  transaction.commit();
  return wanted;
}

void stand(LinkedAccount& account, std::string_view name, Standing standing) {
  Transaction transaction(account.db, "test");
  begin_fetch(account.db, name);
  end_fetch(account.db, name, standing, standing == Standing::kDamaged ? "a wrong MAC" : "");
  transaction.commit();
}

}  // namespace

TEST_CASE("five keys are derived from one") {
  const MutationKeys keys = MutationKeys::derive(Bytes(32, 1));
  const Bytes all = hkdf_sha256(Bytes(32, 1), {}, as_bytes("WhatsApp Mutation Keys"), 160);
  CHECK(concat({keys.index, keys.value_encryption, keys.value_mac, keys.snapshot_mac,
                keys.patch_mac}) == all);
}

TEST_CASE("well-formed keys of a share are kept, the others left out") {
  LinkedAccount account;
  CHECK_FALSE(has_app_state_keys(account.db));
  pb::AppStateSyncKeyShare share;
  add_key(share, "a key id", std::string(32, 'k'));
  add_key(share, "empty", "");
  add_key(share, "", std::string(32, 'k'));
  add_key(share, "short", std::string(31, 'k'));
  add_key(share, std::string(65, 'i'), std::string(32, 'k'));
  share.add_keys();
  CHECK(store(account, share) == 1);
  CHECK(has_app_state_keys(account.db));
  KeyRing keys(account.db);
  REQUIRE(keys.find(as_bytes("a key id")) != nullptr);
  CHECK(keys.find(as_bytes("a key id"))->index == MutationKeys::derive(Bytes(32, 'k')).index);
  CHECK(keys.find(as_bytes("empty")) == nullptr);
  CHECK(keys.find({}) == nullptr);
}

TEST_CASE("a lacking key is asked for once a day, until it comes") {
  LinkedAccount account;
  const std::vector<Bytes> ids{to_bytes("one"), to_bytes("two")};
  CHECK(request(account, ids, kToday) == ids);
  CHECK(request(account, ids, kToday).empty());
  CHECK_FALSE(has_app_state_keys(account.db));
  pb::AppStateSyncKeyShare share;
  add_key(share, "one", std::string(32, 'k'));
  CHECK(store(account, share) == 1);
  CHECK(request(account, ids, {kToday.value + 86'400}) == std::vector<Bytes>{ids[1]});
  CHECK(request(account, {Bytes{}, Bytes(65, 1)}, kToday).empty());
  CHECK(request(account, ids, {kToday.value - 86'400}).size() == 1);  // the clock was ahead then
}

TEST_CASE("what has not come is asked for again at any time, what has come is not") {
  LinkedAccount account;
  CHECK_FALSE(awaits_app_state_keys(account.db));
  request(account, {to_bytes("one"), to_bytes("two")}, kToday);
  CHECK(awaits_app_state_keys(account.db));
  pb::AppStateSyncKeyShare share;
  add_key(share, "one", std::string(32, 'k'));
  store(account, share);
  const std::vector<Bytes> two{to_bytes("two")};
  CHECK(keys_to_request_again(account.db, {kToday.value + 10}) == two);
  // That counts as asking.
  CHECK(request(account, two, {kToday.value + 86'400}).empty());
  CHECK(request(account, two, {kToday.value + 86'410}) == two);
}

TEST_CASE("collections are wanted until they were fetched, but not without a key") {
  LinkedAccount account;
  CHECK(wanted_collections(account.db).empty());
  pb::AppStateSyncKeyShare share;
  add_key(share, "one", std::string(32, 'k'));
  store(account, share);
  CHECK(wanted_collections(account.db).size() == kCollections.size());
  stand(account, "regular", Standing::kCurrent);
  stand(account, "regular_low", Standing::kAwaitsKey);
  stand(account, "regular_high", Standing::kDamaged);
  CHECK(wanted_collections(account.db) ==
        std::vector<std::string_view>{"critical_block", "critical_unblock_low"});
  REQUIRE(damaged_collections(account.db).size() == 1);
  CHECK(damaged_collections(account.db)[0].name == "regular_high");
  CHECK(damaged_collections(account.db)[0].problem == "a wrong MAC");

  // Another key may open what could not be read.
  store(account, share);
  CHECK(wanted_collections(account.db).size() == kCollections.size() - 1);
}

TEST_CASE("an announcement during a fetch is not lost") {
  LinkedAccount account;
  store(account, share_of(sim::AppState()));
  Transaction transaction(account.db, "test");
  begin_fetch(account.db, "regular");
  CHECK(announce_version(account.db, "regular", 7));
  end_fetch(account.db, "regular", Standing::kCurrent);
  CHECK(standing_of(account.db, "regular") == Standing::kWanted);
  begin_fetch(account.db, "regular");
  store_state(account.db, "regular", {.version = 7, .hash = {}});
  end_fetch(account.db, "regular", Standing::kCurrent);
  CHECK(standing_of(account.db, "regular") == Standing::kCurrent);
  CHECK_FALSE(announce_version(account.db, "regular", 7));
  CHECK(announce_version(account.db, "regular", 8));
  CHECK_FALSE(announce_version(account.db, "no such collection", 1));
  transaction.commit();
}

TEST_CASE("a new link forgets keys and versions") {
  LinkedAccount account;
  store(account, share_of(sim::AppState()));
  stand(account, "regular", Standing::kCurrent);
  Transaction transaction(account.db, "test");
  replace_device(account.store, account.device, DeviceKeys::generate());
  transaction.commit();
  CHECK_FALSE(has_app_state_keys(account.db));
  CHECK(standing_of(account.db, "regular") == Standing::kWanted);
  CHECK(account.number("SELECT count(*) FROM app_state_keys") == 0);
}

}  // namespace app_state_keys_test
