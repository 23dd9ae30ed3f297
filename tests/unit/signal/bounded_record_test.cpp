#include "signal/bounded_record.h"

#include <doctest/doctest.h>

#include "proto/signal_record.pb.h"
#include "unit/signal/device.h"

namespace bounded_record_test {

using namespace wasync;
using test::Device;

namespace {

pb::SessionRecord session_of(Device& device, const Device& peer) {
  const auto record = device.store->session(peer.address);
  REQUIRE(record);
  pb::SessionRecord parsed;
  REQUIRE(parsed.ParseFromArray(record->data(), static_cast<int>(record->size())));
  return parsed;
}

int keys_in(const pb::SessionState& state) {
  int keys = 0;
  for (const auto& chain : state.receiver_chains()) keys += chain.skipped_keys_size();
  return keys;
}

int keys_in(const pb::SessionRecord& record) {
  int keys = keys_in(record.current());
  for (const auto& state : record.archived()) keys += keys_in(state);
  return keys;
}

// Writes `count` messages, of which only the last one arrives. Returns the one before it.
Ciphertext skip(Device& from, Device& to, int count) {
  Transaction transaction(*from.database, "test");
  Ciphertext last;
  Ciphertext before;
  for (int i = 0; i < count; ++i) {
    before = std::move(last);
    last = *from.cipher->encrypt(to.address, as_bytes("line"));
  }
  transaction.commit();
  REQUIRE(to.read(from, last) == "line");
  return before;
}

Bytes serialised(const pb::SessionRecord& record) {
  return to_bytes(record.SerializeAsString());
}

}  // namespace

TEST_CASE("bounded record: begun again and again, a session keeps a few of its former states") {
  Device alice("alice");
  Device bob("bob");
  std::vector<Ciphertext> late;
  for (int i = 0; i < 14; ++i) {
    alice.begin_session_with(bob);
    late.push_back(skip(alice, bob, 2));
  }
  CHECK(session_of(bob, alice).archived_size() == static_cast<int>(kMostArchivedStates));
  CHECK(bob.read(alice, late[13]) == "line");
  CHECK(bob.read(alice, late[5]) == "line");
  CHECK(bob.read(alice, late[0]) == "!invalid_key_id");  // for which the sender is asked again
  CHECK(bob.read(alice, alice.encrypt(bob, "still here")) == "still here");
}

TEST_CASE("bounded record: of skipped messages the newest may still come") {
  Device alice("alice");
  Device bob("bob");
  alice.begin_session_with(bob);
  const Ciphertext old = skip(alice, bob, 1'200);
  alice.begin_session_with(bob);
  const Ciphertext late = skip(alice, bob, 1'600);
  const pb::SessionRecord record = session_of(bob, alice);
  CHECK(keys_in(record) == static_cast<int>(kMostSkippedKeys));
  CHECK(keys_in(record.current()) == 1'599);
  CHECK(bob.store->session(alice.address)->size() < 220'000);
  CHECK(bob.read(alice, late) == "line");
  CHECK(bob.read(alice, old) == "line");
}

TEST_CASE("bounded record: what is within the bounds is left alone, and what is no record") {
  pb::SessionRecord record;
  const std::string key(80, 'k');
  auto& chain = *record.mutable_current()->add_receiver_chains();
  for (std::size_t i = 0; i < kMostSkippedKeys; ++i) chain.add_skipped_keys(key);
  CHECK_FALSE(bounded_session(serialised(record)));
  record.add_archived()->add_receiver_chains()->add_skipped_keys(key);
  const auto bounded = bounded_session(serialised(record));
  REQUIRE(bounded);
  REQUIRE(record.ParseFromArray(bounded->data(), static_cast<int>(bounded->size())));
  CHECK(keys_in(record.current()) == static_cast<int>(kMostSkippedKeys));
  CHECK(keys_in(record.archived(0)) == 0);
  CHECK_FALSE(bounded_session(Bytes(100'000, 0xff)));
  CHECK_FALSE(bounded_sender_key(Bytes(100'000, 0xff)));
}

TEST_CASE("bounded record: a group's sender fares the same") {
  pb::SenderKeyRecord record;
  for (int state = 0; state < 5; ++state) {
    auto& keys = *record.add_states();
    for (int i = 0; i < 1'500; ++i) keys.add_skipped_keys(std::to_string(i) + "........");
  }
  const auto bounded = bounded_sender_key(to_bytes(record.SerializeAsString()));
  REQUIRE(bounded);
  REQUIRE(record.ParseFromArray(bounded->data(), static_cast<int>(bounded->size())));
  CHECK(record.states_size() == 5);
  CHECK(record.states(0).skipped_keys_size() == 1'500);
  CHECK(record.states(1).skipped_keys_size() == 500);
  CHECK(record.states(1).skipped_keys(499).starts_with("1499"));
  CHECK(record.states(2).skipped_keys_size() == 0);
}

}  // namespace bounded_record_test
