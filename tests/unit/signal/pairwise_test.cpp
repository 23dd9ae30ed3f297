// Messages between two devices, each with its own file.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "unit/signal/device.h"

namespace pairwise_test {

using namespace wasync;
using test::Device;

TEST_CASE("signal: two devices talk in both directions") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);

  const Ciphertext first = alice.encrypt(bob, "one");
  CHECK(first.type == EncType::kPreKeyMessage);
  CHECK(bob.read(alice, first) == "one");
  // Until Bob answers, Alice cannot know that he has the session.
  const Ciphertext second = alice.encrypt(bob, "two");
  CHECK(second.type == EncType::kPreKeyMessage);
  CHECK(bob.read(alice, second) == "two");

  const Ciphertext answer = bob.encrypt(alice, "three");
  CHECK(answer.type == EncType::kMessage);
  CHECK(alice.read(bob, answer) == "three");
  const Ciphertext settled = alice.encrypt(bob, "four");
  CHECK(settled.type == EncType::kMessage);
  CHECK(bob.read(alice, settled) == "four");

  for (int i = 0; i < 20; ++i) {
    const std::string text = "round " + std::to_string(i);
    CHECK(bob.read(alice, alice.encrypt(bob, text)) == text);
    CHECK(alice.read(bob, bob.encrypt(alice, text)) == text);
  }
}

TEST_CASE("signal: a bundle without a one-time pre-key is enough") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob, /*with_pre_key=*/false);
  CHECK(bob.read(alice, alice.encrypt(bob, "no pre-key")) == "no pre-key");
  CHECK(alice.read(bob, bob.encrypt(alice, "fine")) == "fine");
}

TEST_CASE("signal: empty, binary and long plaintexts") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  using namespace std::string_literals;
  for (const std::string& text : {""s, "\0\xff\0"s, std::string(1'000'000, 'x')}) {
    CHECK(bob.read(alice, alice.encrypt(bob, text)) == text);
  }
}

TEST_CASE("signal: messages out of order, repeated and lost") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hello")) == "hello");
  REQUIRE(alice.read(bob, bob.encrypt(alice, "hello")) == "hello");

  std::vector<Ciphertext> sent;
  for (int i = 0; i < 10; ++i) sent.push_back(alice.encrypt(bob, std::to_string(i)));
  for (const std::size_t i : {5u, 0u, 9u, 3u}) {
    CHECK(bob.read(alice, sent[i]) == std::to_string(i));
  }
  CHECK(bob.read(alice, sent[3]) == "!duplicate");
  CHECK(bob.read(alice, sent[9]) == "!duplicate");

  // Further rounds: new ratchet keys. What was skipped before stays readable, or lost.
  REQUIRE(alice.read(bob, bob.encrypt(alice, "next")) == "next");
  REQUIRE(bob.read(alice, alice.encrypt(bob, "round")) == "round");
  CHECK(bob.read(alice, sent[1]) == "1");
  CHECK(bob.read(alice, sent[1]) == "!duplicate");
}

TEST_CASE("signal: a pre-key message that comes again is a duplicate, not a lost key") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const Ciphertext first = alice.encrypt(bob, "once");
  REQUIRE(bob.read(alice, first) == "once");
  CHECK(bob.read(alice, first) == "!duplicate");
}

TEST_CASE("signal: both begin at once and still understand each other") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  bob.begin_session_with(alice);
  const Ciphertext from_alice = alice.encrypt(bob, "a");
  const Ciphertext from_bob = bob.encrypt(alice, "b");
  CHECK(alice.read(bob, from_bob) == "b");
  CHECK(bob.read(alice, from_alice) == "a");
  for (int i = 0; i < 3; ++i) {
    CHECK(bob.read(alice, alice.encrypt(bob, "to bob")) == "to bob");
    CHECK(alice.read(bob, bob.encrypt(alice, "to alice")) == "to alice");
  }
}

TEST_CASE("signal: a session outlives the process") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "before")) == "before");
  const Ciphertext skipped = alice.encrypt(bob, "skipped");
  REQUIRE(bob.read(alice, alice.encrypt(bob, "ahead")) == "ahead");
  alice.open();
  bob.open();
  CHECK(bob.read(alice, skipped) == "skipped");
  CHECK(bob.read(alice, alice.encrypt(bob, "after")) == "after");
  CHECK(alice.read(bob, bob.encrypt(alice, "answer")) == "answer");
}

TEST_CASE("signal: a session put back from a backup goes on without a key that was used since") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  CHECK(bob.read(alice, alice.encrypt(bob, "first")) == "first");
  CHECK(alice.read(bob, bob.encrypt(alice, "answer")) == "answer");
  const Bytes backup = alice.store->session(bob.address).value();
  CHECK(bob.read(alice, alice.encrypt(bob, "since")) == "since");
  const Ciphertext under_way = bob.encrypt(alice, "under way");
  const auto put_back = [&](bool skip) {
    Transaction transaction(*alice.database, "test");
    alice.store->put_session(bob.address, backup);
    if (skip) alice.cipher->skip_sending_keys(bob.address);
    transaction.commit();
  };
  put_back(false);
  CHECK(bob.read(alice, alice.encrypt(bob, "again")) == "!duplicate");
  put_back(true);
  SUBCASE("at once") {
    CHECK(bob.read(alice, alice.encrypt(bob, "again")) == "again");
    CHECK(alice.read(bob, under_way) == "under way");
  }
  SUBCASE("when the peer's message makes the old state current again") {
    const Ciphertext before = bob.encrypt(alice, "before the new session");
    alice.begin_session_with(bob);
    CHECK(alice.read(bob, before) == "before the new session");
    CHECK(bob.read(alice, alice.encrypt(bob, "again")) == "again");
  }
}

TEST_CASE("signal: nothing is skipped of a session that there is not") {
  Device alice("alice");
  Device bob("bob");
  Transaction transaction(*alice.database, "test");
  alice.cipher->skip_sending_keys(bob.address);
  CHECK_FALSE(alice.store->has_session(bob.address));
}

TEST_CASE("signal: a new bundle replaces the session, what is under way stays readable") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "old")) == "old");
  REQUIRE(alice.read(bob, bob.encrypt(alice, "old")) == "old");
  const Ciphertext under_way = bob.encrypt(alice, "under way");
  const auto old_key = alice.cipher->session_base_key(bob.address);

  alice.begin_session_with(bob);
  CHECK(alice.cipher->session_base_key(bob.address) != old_key);
  CHECK(alice.read(bob, under_way) == "under way");
}

TEST_CASE("signal: what a session tells about the peer") {
  Device alice("alice");
  Device bob("bob");
  CHECK_FALSE(alice.cipher->remote_registration_id(bob.address));
  CHECK_FALSE(alice.cipher->session_base_key(bob.address));
  alice.begin_session_with(bob);
  CHECK(alice.cipher->remote_registration_id(bob.address) ==
        bob.store->local_identity().registration_id);
  REQUIRE(bob.read(alice, alice.encrypt(bob, "hi")) == "hi");
  CHECK(bob.cipher->remote_registration_id(alice.address) ==
        alice.store->local_identity().registration_id);
  REQUIRE(alice.cipher->session_base_key(bob.address));
  CHECK(alice.cipher->session_base_key(bob.address) == bob.cipher->session_base_key(alice.address));
}

TEST_CASE("signal: devices of one user have sessions of their own") {
  Device alice("alice");
  Device phone("bob");
  Device laptop("bob");
  laptop.address.device = 7;
  alice.begin_session_with(phone);
  alice.begin_session_with(laptop);
  CHECK(phone.read(alice, alice.encrypt(phone, "phone")) == "phone");
  CHECK(laptop.read(alice, alice.encrypt(laptop, "laptop")) == "laptop");
  CHECK_FALSE(laptop.decrypt(alice, alice.encrypt(phone, "wrong device")));
  CHECK(alice.store->sessions_of("bob").size() == 2);
}

TEST_CASE("signal: threads with stores of their own do not disturb each other") {
  std::vector<std::thread> threads;
  std::atomic<int> understood{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&understood] {
      Device alice("alice");
      Device bob("bob");
      alice.begin_session_with(bob);
      for (int i = 0; i < 20; ++i) {
        if (bob.read(alice, alice.encrypt(bob, "x")) == "x") ++understood;
        if (alice.read(bob, bob.encrypt(alice, "y")) == "y") ++understood;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(understood == 4 * 2 * 20);
}

}  // namespace pairwise_test
