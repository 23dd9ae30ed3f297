#include "service/lease_holder.h"

#include <filesystem>
#include <fstream>

#include "scratch_dir.h"
#include "unit/service/leases.h"
#include "unit/wire/loopback.h"

namespace lease_holder_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
using Standing = LeaseHolder::Standing;

namespace {

constexpr const firestore::LeaseFields& kLease = firestore::kConnectionLease;

struct Claiming {
  wasync::testing::Loop loop;
  Leases leases;
  std::optional<firestore::ClientThread> thread{std::in_place, leases.inbox()};
  BootClock::duration slept{0};  // by the host
  LeaseHolder lease = holder("host-1", 60s);

  LeaseHolder holder(const std::string& instance, std::chrono::seconds duration) {
    return {loop.io.get_executor(),
            *thread,
            kLease,
            account_id_for(kPhone),
            instance,
            duration,
            {.now = [this] { return BootClock::now() + slept; }}};
  }
  Standing claim(LeaseHolder& by) { return loop.run(by.claim()); }
  Standing claim() { return claim(lease); }
  void release() { loop.run(lease.release()); }
};

}  // namespace

TEST_CASE("a lease that nobody has is ours, until we let it go") {
  Claiming it;
  CHECK(it.claim() == Standing::kOurs);
  CHECK(it.leases.holder(kLease) == "host-1");
  CHECK(it.lease.holder() == "host-1");
  CHECK(it.claim() == Standing::kOurs);  // renewed
  it.release();
  CHECK(it.leases.holder(kLease).empty());
}

TEST_CASE("one that another instance has is not, until it runs out") {
  Claiming it;
  it.leases.give(kLease, "host-2");
  CHECK(it.claim() == Standing::kTaken);
  CHECK(it.lease.holder() == "host-2");
  CHECK(it.leases.holder(kLease) == "host-2");
  it.leases.give(kLease, "host-2", -1s);
  CHECK(it.claim() == Standing::kOurs);
}

TEST_CASE("what was never ours is not let go, and nobody is asked about it") {
  Claiming it;
  it.leases.give(kLease, "host-2");
  it.claim();
  const int asked = it.leases.server.requests();
  it.release();
  CHECK(it.leases.server.requests() == asked);
  CHECK(it.leases.holder(kLease) == "host-2");
}

TEST_CASE("what another one took meanwhile is left to it") {
  Claiming it;
  it.claim();
  it.leases.give(kLease, "host-2");
  it.release();
  CHECK(it.leases.holder(kLease) == "host-2");
}

TEST_CASE("with Firestore away nobody knows, where nobody else was ever seen") {
  Claiming it;
  it.leases.away = true;
  CHECK(it.claim() == Standing::kUnknown);
  it.leases.away = false;
  CHECK(it.claim() == Standing::kOurs);
}

TEST_CASE("with Firestore away a claim stands") {
  Claiming it;
  CHECK(it.claim() == Standing::kOurs);
  it.leases.away = true;
  CHECK(it.claim() == Standing::kOurs);
}

TEST_CASE("with Firestore away a claim that has run out is none, also while the host slept") {
  Claiming it;
  CHECK_FALSE(it.lease.has_lapsed());
  CHECK(it.claim() == Standing::kOurs);
  CHECK_FALSE(it.lease.has_lapsed());
  it.leases.away = true;
  it.slept = 61s;
  CHECK(it.lease.has_lapsed());
  CHECK(it.claim() == Standing::kUnknown);
  it.leases.away = false;
  CHECK(it.claim() == Standing::kOurs);
  CHECK_FALSE(it.lease.has_lapsed());
}

TEST_CASE("with Firestore away another one that was seen may have it") {
  Claiming it;
  it.leases.give(kLease, "host-2");
  it.claim();
  it.leases.away = true;
  CHECK(it.claim() == Standing::kTaken);
  CHECK(it.lease.holder() == "host-2");
}

TEST_CASE("letting it go never fails: it runs out by itself") {
  Claiming it;
  it.claim();
  it.leases.away = true;
  it.release();
  CHECK(it.leases.holder(kLease) == "host-1");
}

TEST_CASE("a clone of this machine has its name and its files, and is another instance") {
  Claiming it;
  const ScratchDir scratch;
  it.lease.remember({.id = "aa", .boot = "first"}, scratch / "lease");
  CHECK(it.claim() == Standing::kOurs);
  std::filesystem::copy_file(scratch / "lease", scratch / "copy");
  LeaseHolder clone = it.holder("host-1", 60s);
  clone.remember({.id = "bb", .boot = "first"}, scratch / "copy");
  CHECK(it.claim(clone) == Standing::kTaken);
  CHECK(it.claim() == Standing::kOurs);  // renewed
  it.release();
  CHECK(it.claim(clone) == Standing::kOurs);
  CHECK(it.claim() == Standing::kTaken);
}

TEST_CASE("the next life of an instance takes its lease up at once") {
  Claiming it;
  const ScratchDir scratch;
  it.lease.remember({.id = "aa", .boot = "first"}, scratch / "lease");
  CHECK(it.claim() == Standing::kOurs);
  LeaseHolder next = it.holder("host-1", 60s);
  next.remember({.id = "bb", .boot = "first"}, scratch / "lease");
  CHECK(it.claim(next) == Standing::kOurs);
  CHECK(read_lease_life(scratch / "lease")->id == "bb");
}

TEST_CASE("a life that ended before it knew that it has the lease leaves it to the next") {
  for (const bool it_came : {true, false}) {
    Claiming it;
    const ScratchDir scratch;
    it.lease.remember({.id = "aa", .boot = "first"}, scratch / "lease");
    CHECK(it.claim() == Standing::kOurs);
    LeaseHolder ended = it.holder("host-1", 60s);
    ended.remember({.id = "bb", .boot = "first"}, scratch / "lease");
    it.leases.away = true;
    it.claim(ended);
    it.leases.away = false;
    if (it_came) {  // all the same, and the answer did not
      it.release();
      LeaseHolder as_it = it.holder("host-1", 60s);
      as_it.remember({.id = "bb", .boot = "first"}, scratch / "other");
      CHECK(it.claim(as_it) == Standing::kOurs);
    }
    LeaseHolder next = it.holder("host-1", 60s);
    next.remember({.id = "cc", .boot = "first"}, scratch / "lease");
    CHECK(it.claim(next) == Standing::kOurs);
    CHECK(read_lease_life(scratch / "lease")->id == "cc");
    CHECK(read_lease_life(scratch / "lease")->earlier.empty());
  }
}

TEST_CASE("at another boot the former life may be that of a clone's original") {
  Claiming it;
  const ScratchDir scratch;
  it.lease.remember({.id = "aa", .boot = "first"}, scratch / "lease");
  CHECK(it.claim() == Standing::kOurs);
  LeaseHolder next = it.holder("host-1", 60s);
  next.remember({.id = "bb", .boot = "second"}, scratch / "lease");
  CHECK(it.claim(next) == Standing::kTaken);
}

TEST_CASE("what is no life is none") {
  const ScratchDir scratch;
  CHECK_FALSE(read_lease_life(scratch / "none"));
  std::ofstream(scratch / "other") << "aa\n";
  CHECK_FALSE(read_lease_life(scratch / "other"));
}

}  // namespace lease_holder_test
