#include <doctest/doctest.h>

#include <algorithm>

#include "unit/signal/device.h"

namespace identity_test {

using namespace wasync;
using test::Device;

TEST_CASE("identity: the first key is trusted, another one is told") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const auto first = bob.decrypt(alice, alice.encrypt(bob, "hi"));
  REQUIRE(first);
  CHECK_FALSE(first.identity_changed);
  CHECK(bob.store->identity(alice.address) == alice.store->local_identity().key.public_key);
  CHECK(bob.store->identity_changes(alice.address) == 0);
  const Ciphertext late = alice.encrypt(bob, "sent before");

  Device reinstalled("alice");
  reinstalled.begin_session_with(bob);
  const auto second = bob.decrypt(reinstalled, reinstalled.encrypt(bob, "new phone"));
  CHECK(Device::text_of(second) == "new phone");
  CHECK(second.identity_changed);
  CHECK(bob.store->identity(alice.address) == reinstalled.store->local_identity().key.public_key);
  CHECK(bob.store->identity_changes(alice.address) == 1);

  const auto third = bob.decrypt(reinstalled, reinstalled.encrypt(bob, "again"));
  REQUIRE(third);
  CHECK_FALSE(third.identity_changed);
  CHECK(reinstalled.read(bob, bob.encrypt(reinstalled, "answer")) == "answer");
}

TEST_CASE("identity: changes can be refused, and then nothing is written") {
  Device alice("alice");
  Device bob("bob", IdentityPolicy::kRefuseChanges);
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");

  Device impostor("alice");
  impostor.begin_session_with(bob);
  const std::string before = bob.contents();
  const auto decrypted = bob.decrypt(impostor, impostor.encrypt(bob, "it is me"));
  CHECK(decrypted.failure == SignalFailure::kUntrustedIdentity);
  CHECK(decrypted.identity_changed);
  CHECK(bob.contents() == before);

  Transaction transaction(*bob.database, "test");
  CHECK(bob.cipher->process_bundle(alice.address, impostor.bundle()) ==
        SignalFailure::kUntrustedIdentity);
}

TEST_CASE("identity: an archived session of another identity stays refused") {
  Device alice("alice");
  Device impostor("alice");
  Device bob("bob");
  impostor.begin_session_with(bob);
  REQUIRE(bob.read(impostor, impostor.encrypt(bob, "hi")) == "hi");
  impostor.read(bob, bob.encrypt(impostor, "hello"));  // no pre-key messages from here on
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");
  SUBCASE("to read") {
    bob.open(IdentityPolicy::kRefuseChanges);
    const std::string before = bob.contents();
    CHECK(bob.read(impostor, impostor.encrypt(bob, "it is me")) == "!untrusted_identity");
    CHECK(bob.contents() == before);
    CHECK(bob.read(alice, alice.encrypt(bob, "still here")) == "still here");
  }
  SUBCASE("to write to, once it is in use again") {
    REQUIRE(bob.read(impostor, impostor.encrypt(bob, "it is me")) == "it is me");
    bob.open(IdentityPolicy::kRefuseChanges);
    Transaction transaction(*bob.database, "test");
    CHECK_FALSE(bob.cipher->encrypt(alice.address, as_bytes("a secret")));
  }
}

TEST_CASE("identity: the key in a repeated envelope cannot be swapped on the way") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");
  // Still a pre-key message, of a session Bob has by now: its MAC covers Alice's key, and the
  // envelope around it nothing.
  Ciphertext second = alice.encrypt(bob, "second");
  REQUIRE(second.type == EncType::kPreKeyMessage);
  const Bytes genuine = second.bytes;
  const Bytes key = with_type_byte(alice.store->local_identity().key.public_key);
  const auto at = std::search(second.bytes.begin(), second.bytes.end(), key.begin(), key.end());
  REQUIRE(at != second.bytes.end());
  const Bytes other = with_type_byte(KeyPair::generate().public_key);
  std::copy(other.begin(), other.end(), at);

  const std::string before = bob.contents();
  const auto decrypted = bob.decrypt(alice, second);
  CHECK(decrypted.failure == SignalFailure::kInvalidMessage);
  CHECK_FALSE(decrypted.identity_changed);
  CHECK(bob.contents() == before);
  second.bytes = genuine;
  CHECK(bob.read(alice, second) == "second");
}

TEST_CASE("identity: kept, counted, forgotten") {
  Device bob("bob");
  const SignalAddress peer{.name = "alice", .device = 3};
  const PublicKey one = KeyPair::generate().public_key;
  const PublicKey two = KeyPair::generate().public_key;
  Transaction transaction(*bob.database, "test");
  CHECK_FALSE(bob.store->identity(peer));
  CHECK(bob.store->put_identity(peer, one) == IdentityChange::kFirstSeen);
  CHECK(bob.store->put_identity(peer, one) == IdentityChange::kSame);
  CHECK(bob.store->put_identity(peer, two) == IdentityChange::kChanged);
  CHECK(bob.store->identity(peer) == two);
  CHECK(bob.store->identity_changes(peer) == 1);
  CHECK_FALSE(bob.store->identity({.name = "alice", .device = 4}));
  bob.store->delete_identity(peer);
  CHECK_FALSE(bob.store->identity(peer));
  CHECK(bob.store->put_identity(peer, one) == IdentityChange::kFirstSeen);
}

}  // namespace identity_test
