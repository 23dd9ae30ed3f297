#include "signal/store.h"

#include <doctest/doctest.h>

#include <set>

#include "base/error.h"
#include "unit/signal/device.h"

namespace store_test {

using namespace wasync;
using test::Device;

namespace {

std::vector<std::uint32_t> ids_of(const std::vector<PreKey>& keys) {
  std::vector<std::uint32_t> ids;
  for (const PreKey& key : keys) ids.push_back(key.id);
  return ids;
}

using Ids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("store: the local identity is made once and read again") {
  test::ScratchDir directory;
  Database database(directory.path() / "one.db");
  SignalStore store(database);
  CHECK_FALSE(store.has_local_identity());
  CHECK_THROWS_AS((void)store.local_identity(), Error);
  CHECK_THROWS_AS((void)store.signed_pre_key(), Error);
  const KeyPair key = KeyPair::generate();
  {
    Transaction transaction(database, "test");
    CHECK_THROWS_AS((void)store.pre_keys_to_upload(1), Error);
    CHECK(store.create_local_identity(key).key.public_key == key.public_key);
    CHECK_THROWS_AS((void)store.create_local_identity(), Error);
    transaction.commit();
  }
  const LocalIdentity identity = store.local_identity();
  CHECK(identity.key.private_key == key.private_key);
  CHECK(identity.key.public_key == key.public_key);
  CHECK(identity.registration_id >= 1);
  CHECK(identity.registration_id <= 16380);
  {
    Transaction transaction(database, "test");
    store.erase();
    transaction.commit();
  }
  CHECK_FALSE(store.has_local_identity());
}

TEST_CASE(
    "store: a device that registered before it had a file keeps the keys it registered with") {
  Device alice("alice");
  Device bob("bob");
  const LocalIdentity identity{.key = KeyPair::generate(), .registration_id = 1234};
  const KeyPair pair = KeyPair::generate();
  const SignedPreKey key{
      .id = 9,
      .public_key = pair.public_key,
      .signature = xeddsa_sign(identity.key.private_key, with_type_byte(pair.public_key))};
  {
    Transaction transaction(*bob.database, "test");
    bob.store->erase();
    bob.store->create_local_identity(identity, key, pair.private_key);
    transaction.commit();
  }
  CHECK(bob.store->local_identity().registration_id == 1234);
  CHECK(bob.store->signed_pre_key().id == 9);
  CHECK(bob.store->signed_pre_key().signature == key.signature);
  CHECK_FALSE(bob.store->signed_pre_key_pair(1));
  alice.begin_session_with(bob);
  CHECK(bob.read(alice, alice.encrypt(bob, "hello")) == "hello");
}

TEST_CASE("store: pre-keys are offered until their upload is confirmed") {
  Device device("alice");
  SignalStore& store = *device.store;
  Transaction transaction(*device.database, "test");
  const auto first = store.pre_keys_to_upload(3);
  CHECK(ids_of(first) == Ids{1, 2, 3});
  CHECK(store.uploaded_pre_key_count() == 0);
  // No answer came: the same keys again, filled up with new ones.
  const auto again = store.pre_keys_to_upload(5);
  CHECK(ids_of(again) == Ids{1, 2, 3, 4, 5});
  CHECK(again[0].public_key == first[0].public_key);
  CHECK(ids_of(store.pre_keys_to_upload(2)) == Ids{1, 2});
  store.mark_uploaded(again);
  CHECK(store.uploaded_pre_key_count() == 5);
  CHECK(ids_of(store.pre_keys_to_upload(2)) == Ids{6, 7});

  const PreKey for_peer = store.pre_key_for_peer();
  CHECK(for_peer.id == 8);
  CHECK(store.uploaded_pre_key_count() == 5);
  CHECK(ids_of(store.pre_keys_to_upload(3)) == Ids{6, 7, 9});

  REQUIRE(store.pre_key(4));
  CHECK(store.pre_key(4)->public_key == again[3].public_key);
  store.remove_pre_key(4);
  CHECK_FALSE(store.pre_key(4));
  CHECK(store.uploaded_pre_key_count() == 4);
}

TEST_CASE("store: a consumed id is not given out again soon, not even the highest") {
  Device device("alice");
  Transaction transaction(*device.database, "test");
  const auto keys = device.store->generate_pre_keys(2);
  device.store->remove_pre_key(keys[1].id);
  CHECK(ids_of(device.store->generate_pre_keys(1)) == Ids{3});
}

TEST_CASE("store: ids start over before the reserved one and skip those in use") {
  Device device("alice");
  Transaction transaction(*device.database, "test");
  CHECK(ids_of(device.store->generate_pre_keys(2)) == Ids{1, 2});
  device.store->remove_pre_key(2);
  device.database->execute("UPDATE signal_local SET next_pre_key_id = 16777213");
  const auto keys = device.store->generate_pre_keys(4);
  CHECK(ids_of(keys) == Ids{0xFF'FFFD, 0xFF'FFFE, 2, 3});
}

TEST_CASE("store: the signed pre-key verifies, rotates, and older ones still decrypt") {
  Device alice("alice");
  Device bob("bob");
  const PublicKey identity = bob.store->local_identity().key.public_key;
  const SignedPreKey first = bob.store->signed_pre_key();
  CHECK(first.id == 1);
  CHECK(xeddsa_verify(identity, with_type_byte(first.public_key), first.signature));
  CHECK(bob.store->signed_pre_key_created_at().known());
  CHECK(bob.store->signed_pre_key_on_server());

  alice.begin_session_with(bob);  // with the first one
  {
    Transaction transaction(*bob.database, "test");
    const SignedPreKey second = bob.store->rotate_signed_pre_key();
    CHECK(second.id == 2);
    CHECK(second.public_key != first.public_key);
    CHECK(xeddsa_verify(identity, with_type_byte(second.public_key), second.signature));
    CHECK(bob.store->signed_pre_key().public_key == second.public_key);
    // Registered with the first; the second is yet to be told.
    CHECK_FALSE(bob.store->signed_pre_key_on_server());
    bob.store->mark_signed_pre_key_uploaded(second.id);
    CHECK(bob.store->signed_pre_key_on_server());
    transaction.commit();
  }
  CHECK(bob.read(alice, alice.encrypt(bob, "begun before")) == "begun before");

  Transaction transaction(*bob.database, "test");
  for (int i = 0; i < 10; ++i) bob.store->rotate_signed_pre_key();
  CHECK(bob.store->signed_pre_key().id == 12);
  CHECK(bob.store->signed_pre_key_pair(9));
  CHECK_FALSE(bob.store->signed_pre_key_pair(8));
}

TEST_CASE("store: sessions are listed and deleted by user") {
  Device alice("alice");
  Device bob("bob");
  Device bobby("bobby");
  alice.begin_session_with(bob);
  bob.address.device = 5;
  alice.begin_session_with(bob);
  alice.begin_session_with(bobby);
  using Addresses = std::vector<SignalAddress>;
  CHECK(alice.store->sessions_of("bob") == Addresses{{"bob", 0}, {"bob", 5}});
  Transaction transaction(*alice.database, "test");
  CHECK(alice.store->delete_session({"bob", 0}));
  CHECK_FALSE(alice.store->delete_session({"bob", 0}));
  CHECK_FALSE(alice.store->has_session({"bob", 0}));
  CHECK(alice.store->has_session({"bob", 5}));
  CHECK(alice.store->delete_sessions_of("bob") == 1);
  CHECK(alice.store->has_session({"bobby", 0}));
}

TEST_CASE("store: a user who moves to LID addressing takes the session along") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "by number")) == "by number");
  {
    Transaction transaction(*bob.database, "test");
    bob.store->put_sender_key("g", alice.address, as_bytes("record"));
    CHECK(bob.store->move_user("alice", "777_1") == 1);
    transaction.commit();
  }
  CHECK_FALSE(bob.store->has_session(alice.address));
  alice.address.name = "777_1";
  CHECK(bob.store->identity(alice.address));
  CHECK(bob.store->sender_key("g", alice.address));
  CHECK(bob.read(alice, alice.encrypt(bob, "by LID")) == "by LID");
}

TEST_CASE("store: what another identity left under the new name goes") {
  Device alice("alice");
  Device impostor("777_1");
  Device bob("bob");
  impostor.begin_session_with(bob);
  REQUIRE(bob.read(impostor, impostor.encrypt(bob, "hi")) == "hi");
  Transaction transaction(*bob.database, "test");
  const PublicKey key = alice.store->local_identity().key.public_key;
  const PublicKey other = impostor.store->local_identity().key.public_key;
  bob.store->put_sender_key("g", impostor.address, as_bytes("record"));
  SUBCASE("of a user who moves there") {
    bob.store->put_identity(alice.address, key);
    bob.store->move_user("alice", "777_1");
  }
  SUBCASE("where the key is known from elsewhere") {
    bob.store->pin_identity(impostor.address, other);
    REQUIRE(bob.store->has_session(impostor.address));
    bob.store->pin_identity(impostor.address, key);
  }
  CHECK(bob.store->identity(impostor.address) == key);
  CHECK_FALSE(bob.store->has_session(impostor.address));
  CHECK_FALSE(bob.store->sender_key("g", impostor.address));
}

TEST_CASE("store: a damaged session record is an error of ours, with a hint") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  Transaction transaction(*alice.database, "test");
  alice.store->put_session(bob.address, as_bytes("\xff\xff\xff"));
  try {
    (void)alice.cipher->encrypt(bob.address, as_bytes("x"));
    FAIL("damage went unnoticed");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kStore);
    CHECK_FALSE(error.hint().empty());
  }
}

}  // namespace store_test
