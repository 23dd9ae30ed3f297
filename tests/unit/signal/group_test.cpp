#include <doctest/doctest.h>

#include <algorithm>

#include "base/crypto.h"
#include "unit/signal/device.h"

namespace group_test {

using namespace wasync;
using test::Device;

namespace {

const Jid kGroup = *Jid::parse("120363000000000001@g.us");
const Jid kOtherGroup = *Jid::parse("120363000000000002@g.us");

Bytes distribution_of(Device& device, const Jid& group = kGroup) {
  Transaction transaction(*device.database, "test");
  Bytes distribution = device.cipher->create_sender_key_distribution(group, device.address);
  transaction.commit();
  return distribution;
}

std::optional<SignalFailure> learn(Device& device, const Device& sender, BytesView distribution) {
  Transaction transaction(*device.database, "test");
  const auto failure =
      device.cipher->process_sender_key_distribution(kGroup, sender.address, distribution);
  transaction.commit();
  return failure;
}

Bytes say(Device& device, std::string_view text) {
  Transaction transaction(*device.database, "test");
  auto ciphertext = device.cipher->group_encrypt(kGroup, device.address, as_bytes(text));
  transaction.commit();
  return ciphertext.value();
}

std::string hear(Device& device, const Device& sender, BytesView message,
                 const Jid& group = kGroup) {
  Transaction transaction(*device.database, "test");
  const auto decrypted = device.cipher->group_decrypt(group, sender.address, message);
  transaction.commit();
  return Device::text_of(decrypted);
}

}  // namespace

TEST_CASE("group: members who got the sender key read the messages") {
  Device alice("alice");
  Device bob("bob");
  Device carol("carol");
  const Bytes distribution = distribution_of(alice);
  REQUIRE_FALSE(learn(bob, alice, distribution));
  const Bytes first = say(alice, "first");
  CHECK(hear(bob, alice, first) == "first");
  CHECK(hear(bob, alice, first) == "!duplicate");

  // Carol joins later: she reads from now on, not what was before.
  REQUIRE_FALSE(learn(carol, alice, distribution_of(alice)));
  const Bytes second = say(alice, "second");
  CHECK(hear(carol, alice, second) == "second");
  CHECK(hear(bob, alice, second) == "second");
  CHECK(hear(carol, alice, first) == "!duplicate");
}

TEST_CASE("group: out of order, and across a restart") {
  Device alice("alice");
  Device bob("bob");
  REQUIRE_FALSE(learn(bob, alice, distribution_of(alice)));
  const Bytes a = say(alice, "a");
  const Bytes b = say(alice, "b");
  const Bytes c = say(alice, "c");
  CHECK(hear(bob, alice, c) == "c");
  bob.open();
  alice.open();
  CHECK(hear(bob, alice, a) == "a");
  CHECK(hear(bob, alice, b) == "b");
  CHECK(hear(bob, alice, b) == "!duplicate");
  CHECK(hear(bob, alice, say(alice, "d")) == "d");
}

TEST_CASE("group: a rollback leaves the chain as it was") {
  Device alice("alice");
  Device bob("bob");
  REQUIRE_FALSE(learn(bob, alice, distribution_of(alice)));
  const Bytes message = say(alice, "x");
  const std::string before = bob.contents();
  {
    Transaction transaction(*bob.database, "test");
    REQUIRE(bob.cipher->group_decrypt(kGroup, alice.address, message));
  }
  CHECK(bob.contents() == before);
  CHECK(hear(bob, alice, message) == "x");
}

TEST_CASE("group: without the sender's key, or with another group's, there is no session") {
  Device alice("alice");
  Device bob("bob");
  (void)distribution_of(alice);
  const Bytes unheard = say(alice, "x");
  CHECK(hear(bob, alice, unheard) == "!no_session");
  REQUIRE_FALSE(learn(bob, alice, distribution_of(alice)));
  CHECK(hear(bob, alice, say(alice, "y"), kOtherGroup) == "!no_session");

  // Alice starts over, and her distribution was lost.
  {
    Transaction transaction(*alice.database, "test");
    CHECK(alice.store->delete_sender_key(kGroup.to_string(), alice.address));
    CHECK_FALSE(alice.cipher->group_encrypt(kGroup, alice.address, as_bytes("x")));
    transaction.commit();
  }
  const Bytes distribution = distribution_of(alice);
  const Bytes message = say(alice, "new chain");
  CHECK(hear(bob, alice, message) == "!no_session");
  REQUIRE_FALSE(learn(bob, alice, distribution));
  CHECK(hear(bob, alice, message) == "new chain");
}

TEST_CASE("group: flipped, cut and invented bytes change nothing") {
  Device alice("alice");
  Device bob("bob");
  const Bytes distribution = distribution_of(alice);
  REQUIRE_FALSE(learn(bob, alice, distribution));
  const Bytes good = say(alice, "precious");
  const std::string before = bob.contents();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x10;
    CHECK(hear(bob, alice, bad).front() == '!');
    CHECK(hear(bob, alice, BytesView(good).first(i)).front() == '!');
  }
  Bytes forged = good;
  forged.back() ^= 1;
  CHECK(hear(bob, alice, forged) == "!bad_mac");
  for (std::size_t i = 0; i < 80; ++i) {
    Bytes noise = random_bytes(i);
    if (!noise.empty()) noise[0] = 0x33;
    CHECK(hear(bob, alice, noise).front() == '!');
  }
  for (std::size_t i = 0; i < distribution.size(); ++i) {
    CHECK(learn(bob, alice, BytesView(distribution).first(i)));
  }
  CHECK(bob.contents() == before);
  CHECK(hear(bob, alice, good) == "precious");
}

TEST_CASE("group: a distribution whose chain key has the wrong size is refused") {
  Device alice("alice");
  Device bob("bob");
  const Bytes genuine = distribution_of(alice);
  // Fields of the protobuf behind the version byte: id 1, iteration 2, chain key 3, signing key 4.
  const Bytes header = {0x1a, 32};
  const auto chain = std::search(genuine.begin(), genuine.end(), header.begin(), header.end());
  REQUIRE(chain != genuine.end());
  Bytes bad(genuine.begin(), chain);
  append(bad, Bytes{0x1a, 0});
  bad.insert(bad.end(), chain + 34, genuine.end());
  CHECK(learn(bob, alice, bad) == SignalFailure::kInvalidMessage);
}

}  // namespace group_test
