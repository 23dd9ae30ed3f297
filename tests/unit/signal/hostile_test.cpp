// What a peer may send: each a typed failure that changes nothing.
#include <doctest/doctest.h>

#include "base/crypto.h"
#include "unit/signal/device.h"

namespace hostile_test {

using namespace wasync;
using test::Device;

TEST_CASE("signal: a message without a session") {
  Device alice("alice");
  Device bob("bob");
  Device carol("carol");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");
  REQUIRE(alice.read(bob, bob.encrypt(alice, "hi")) == "hi");
  const std::string before = carol.contents();
  CHECK(carol.read(alice, alice.encrypt(bob, "for bob")) == "!no_session");
  CHECK(carol.contents() == before);
}

TEST_CASE("signal: every flipped bit of a pre-key message is noticed and changes nothing") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const Ciphertext good = alice.encrypt(bob, "precious");
  const std::string before = bob.contents();
  std::size_t harmless = 0;
  Transaction transaction(*bob.database, "test");
  for (std::size_t i = 0; i < good.bytes.size(); ++i) {
    Bytes bad = good.bytes;
    bad[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
    bob.database->execute("SAVEPOINT attempt");
    const auto decrypted = bob.cipher->decrypt(alice.address, good.type, bad);
    if (decrypted) {
      // The registration id and the low bits of the version byte are not authenticated.
      ++harmless;
      CHECK(to_string(*decrypted.plaintext) == "precious");
    } else {
      CHECK(bob.contents() == before);
    }
    bob.database->execute("ROLLBACK TO attempt; RELEASE attempt");
  }
  CHECK(harmless < 8);
  transaction.commit();
  CHECK(bob.read(alice, good) == "precious");
}

TEST_CASE("signal: flipped, cut and invented messages in a session") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");
  REQUIRE(alice.read(bob, bob.encrypt(alice, "hi")) == "hi");
  const Ciphertext good = alice.encrypt(bob, "precious");
  REQUIRE(good.type == EncType::kMessage);
  const std::string before = bob.contents();

  Ciphertext bad = good;
  for (std::size_t i = 0; i < good.bytes.size(); ++i) {
    bad.bytes = good.bytes;
    bad.bytes[i] ^= 0x10;
    CHECK_FALSE(bob.decrypt(alice, bad));
    bad.bytes.assign(good.bytes.begin(), good.bytes.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(bob.decrypt(alice, bad));
  }
  for (std::size_t length = 0; length < 100; ++length) {
    for (const EncType type : {EncType::kMessage, EncType::kPreKeyMessage}) {
      bad.type = type;
      bad.bytes = random_bytes(length);
      if (!bad.bytes.empty()) bad.bytes[0] = 0x33;
      CHECK_FALSE(bob.decrypt(alice, bad));
    }
  }
  CHECK(bob.contents() == before);
  CHECK(bob.read(alice, good) == "precious");
}

TEST_CASE("signal: failures have their names") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  Ciphertext message = alice.encrypt(bob, "x");
  const Bytes good = message.bytes;
  message.bytes = {};
  CHECK(bob.read(alice, message) == "!invalid_message");
  message.bytes = to_bytes("\x33 not a protobuf");
  CHECK(bob.read(alice, message) == "!invalid_message");
  message.bytes = good;
  message.bytes[0] = 0x22;
  CHECK(bob.read(alice, message) == "!invalid_version");
  message.bytes[0] = 0x44;
  CHECK(bob.read(alice, message) == "!invalid_version");
  message.bytes = good;
  message.bytes.back() ^= 1;  // in the inner message's MAC, or the signed pre-key's id behind it
  CHECK_FALSE(bob.decrypt(alice, message));
}

TEST_CASE("signal: a pre-key that is gone") {
  Device alice("alice");
  Device carol("carol");
  Device bob("bob");
  const PreKeyBundle bundle = bob.bundle();
  for (Device* device : {&alice, &carol}) {
    Transaction transaction(*device->database, "test");
    REQUIRE_FALSE(device->cipher->process_bundle(bob.address, bundle));
    transaction.commit();
  }
  REQUIRE(bob.read(alice, alice.encrypt(bob, "first come")) == "first come");
  const std::string before = bob.contents();
  CHECK(bob.read(carol, carol.encrypt(bob, "too late")) == "!invalid_key_id");
  CHECK(bob.contents() == before);
}

TEST_CASE("signal: more than 2000 messages ahead") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");
  Transaction transaction(*alice.database, "test");
  for (int i = 0; i < 2005; ++i) (void)alice.cipher->encrypt(bob.address, as_bytes("lost"));
  transaction.commit();
  const std::string before = bob.contents();
  CHECK(bob.read(alice, alice.encrypt(bob, "far ahead")) == "!bad_mac");
  CHECK(bob.contents() == before);
}

TEST_CASE("signal: a bundle whose signature is wrong begins nothing") {
  Device alice("alice");
  Device bob("bob");
  const std::string before = alice.contents();
  const auto outcome = [&](const PreKeyBundle& bundle) {
    Transaction transaction(*alice.database, "test");
    const auto failure = alice.cipher->process_bundle(bob.address, bundle);
    transaction.commit();
    return failure;
  };
  PreKeyBundle bundle = bob.bundle();
  bundle.signed_pre_key.signature[10] ^= 1;
  CHECK(outcome(bundle) == SignalFailure::kInvalidKey);
  bundle = bob.bundle();
  bundle.identity = KeyPair::generate().public_key;
  CHECK(outcome(bundle) == SignalFailure::kInvalidKey);
  CHECK(alice.contents() == before);
  CHECK_FALSE(alice.store->has_session(bob.address));
  Transaction transaction(*alice.database, "test");
  CHECK_FALSE(alice.cipher->encrypt(bob.address, as_bytes("x")));
}

}  // namespace hostile_test
