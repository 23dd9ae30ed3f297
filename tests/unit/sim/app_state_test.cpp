#include "sim/app_state.h"

#include <doctest/doctest.h>

#include "base/crypto.h"
#include "proto/app_state.pb.h"
#include "sim/dataset.h"

namespace wasync::sim {
namespace {

constexpr const char* kContacts = "critical_unblock_low";

TEST_CASE("the summation hash forgets what is subtracted, in any order") {
  const Bytes a = random_bytes(32);
  const Bytes b = random_bytes(32);
  LtHash both;
  both.add(a);
  both.add(b);
  LtHash only_b;
  only_b.add(b);
  both.subtract(a);
  CHECK(both.bytes() == only_b.bytes());
  CHECK(both.bytes() != LtHash().bytes());
}

TEST_CASE("a changed contact is one patch, and the snapshot holds it once") {
  AppState state;
  state.fill(Dataset::make("small", 1, 0));
  const std::uint64_t before = state.version(kContacts);
  REQUIRE(before == 1);
  pb::SyncdSnapshot first;
  REQUIRE(first.ParseFromString(to_string(state.snapshot(kContacts))));

  state.apply(kContacts, {contact_change("40721000001@s.whatsapp.net", "Ana Nouă", {})});
  CHECK(state.version(kContacts) == 2);
  CHECK(state.patches_after(kContacts, before).size() == 1);
  CHECK(state.patches_after(kContacts, 2).empty());
  pb::SyncdSnapshot second;
  REQUIRE(second.ParseFromString(to_string(state.snapshot(kContacts))));
  CHECK(second.records_size() == first.records_size());
  CHECK(second.mac() != first.mac());
}

}  // namespace
}  // namespace wasync::sim
