// The ratchet becomes durable with the caller's transaction, or not at all.
#include <doctest/doctest.h>

#include "base/error.h"
#include "unit/signal/device.h"

namespace transaction_test {

using namespace wasync;
using test::Device;

TEST_CASE("signal: a rollback leaves ratchet and pre-key as they were") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const Ciphertext first = alice.encrypt(bob, "first");
  const std::string before = bob.contents();
  CHECK(bob.store->uploaded_pre_key_count() == 1);

  {
    Transaction transaction(*bob.database, "test");
    REQUIRE(bob.cipher->decrypt(alice.address, first.type, first.bytes));
    CHECK(bob.store->uploaded_pre_key_count() == 0);
  }  // as if the process had died here
  CHECK(bob.contents() == before);
  CHECK(bob.store->uploaded_pre_key_count() == 1);

  bob.open();
  CHECK(bob.read(alice, first) == "first");
  CHECK(bob.store->uploaded_pre_key_count() == 0);
  CHECK(bob.read(alice, first) == "!duplicate");

  // The same inside an established session, where a repeated delivery must decrypt.
  const Ciphertext second = alice.encrypt(bob, "second");
  for (int i = 0; i < 3; ++i) {
    Transaction transaction(*bob.database, "test");
    const auto decrypted = bob.cipher->decrypt(alice.address, second.type, second.bytes);
    CHECK(Device::text_of(decrypted) == "second");
  }
  CHECK(bob.read(alice, second) == "second");
}

TEST_CASE(
    "signal: a message that was rolled back after encrypting is never sent again as another") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const std::string before = alice.contents();
  {
    Transaction transaction(*alice.database, "test");
    REQUIRE(alice.cipher->encrypt(bob.address, as_bytes("never committed")));
  }
  CHECK(alice.contents() == before);
  CHECK(bob.read(alice, alice.encrypt(bob, "sent")) == "sent");
}

TEST_CASE("signal: several messages share one transaction, whatever becomes of one of them") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");
  REQUIRE(alice.read(bob, bob.encrypt(alice, "hi")) == "hi");
  const Ciphertext first = alice.encrypt(bob, "1");
  Ciphertext broken = alice.encrypt(bob, "2");
  broken.bytes.back() ^= 1;
  const Ciphertext third = alice.encrypt(bob, "3");

  Transaction transaction(*bob.database, "test");
  const auto read = [&](const Ciphertext& c) {
    return Device::text_of(bob.cipher->decrypt(alice.address, c.type, c.bytes));
  };
  CHECK(read(first) == "1");
  CHECK(read(broken) == "!bad_mac");
  CHECK(read(third) == "3");
  transaction.commit();

  CHECK(bob.read(alice, first) == "!duplicate");
  CHECK(bob.read(alice, third) == "!duplicate");
}

TEST_CASE("signal: nothing is written outside a transaction") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const Ciphertext message = alice.encrypt(bob, "x");
  const Jid group = *Jid::parse("123456789-987@g.us");
  const std::string before = bob.contents();
  const PreKeyBundle bundle = alice.bundle();
  SignalStore& store = *bob.store;
  SignalCipher& cipher = *bob.cipher;
  const SignalAddress& peer = alice.address;
  const auto refused = [](auto&& write) {
    try {
      write();
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInternal;
    }
  };
  CHECK(refused([&] { (void)cipher.decrypt(peer, message.type, message.bytes); }));
  CHECK(refused([&] { (void)cipher.encrypt(peer, {}); }));
  CHECK(refused([&] { (void)cipher.process_bundle(peer, bundle); }));
  CHECK(refused([&] { (void)cipher.create_sender_key_distribution(group, bob.address); }));
  CHECK(refused([&] { (void)cipher.process_sender_key_distribution(group, peer, {}); }));
  CHECK(refused([&] { (void)cipher.group_decrypt(group, peer, {}); }));
  CHECK(refused([&] { (void)cipher.group_encrypt(group, bob.address, {}); }));
  CHECK(refused([&] { store.create_local_identity(); }));
  CHECK(refused([&] { store.erase(); }));
  CHECK(refused([&] { store.generate_pre_keys(1); }));
  CHECK(refused([&] { store.pre_keys_to_upload(1); }));
  CHECK(refused([&] { store.mark_uploaded({}); }));
  CHECK(refused([&] { store.pre_key_for_peer(); }));
  CHECK(refused([&] { store.remove_pre_key(1); }));
  CHECK(refused([&] { store.rotate_signed_pre_key(); }));
  CHECK(refused([&] { store.put_identity(peer, bundle.identity); }));
  CHECK(refused([&] { store.delete_identity(peer); }));
  CHECK(refused([&] { store.put_session(peer, {}); }));
  CHECK(refused([&] { store.delete_session(peer); }));
  CHECK(refused([&] { store.delete_sessions_of("alice"); }));
  CHECK(refused([&] { store.move_user("alice", "alice_1"); }));
  CHECK(refused([&] { store.put_sender_key("g", peer, {}); }));
  CHECK(refused([&] { store.delete_sender_key("g", peer); }));
  CHECK(bob.contents() == before);
}

TEST_CASE("signal: what the file throws comes out, through libsignal, and undoes the call") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const Ciphertext first = alice.encrypt(bob, "first");
  bob.database->execute(
      "CREATE TRIGGER broken BEFORE DELETE ON signal_pre_keys"
      " BEGIN SELECT RAISE(FAIL, 'the disk says no'); END");
  const std::string before = bob.contents();
  {
    Transaction transaction(*bob.database, "test");
    try {
      (void)bob.cipher->decrypt(alice.address, first.type, first.bytes);
      FAIL("the pre-key could not be removed");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kStore);
      CHECK(std::string(error.what()).find("the disk says no") != std::string::npos);
    }
    transaction.commit();
  }
  CHECK(bob.contents() == before);
  bob.database->execute("DROP TRIGGER broken");
  CHECK(bob.read(alice, first) == "first");
}

}  // namespace transaction_test
