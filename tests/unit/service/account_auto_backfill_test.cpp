#include "service/account_auto_backfill.h"

#include <boost/asio/post.hpp>

#include "unit/service/held.h"
#include "unit/service/leases.h"

namespace account_auto_backfill_test {

using namespace wasync;
using namespace wasync::test;
namespace event = wasync::service_event;

namespace {

constexpr const firestore::LeaseFields& kLease = firestore::kAutoBackfillLease;
const Error kOver(ErrorCode::kInterrupted, "wa-sync listen was stopped");

// There is never a login: with a thread to fill, one waits until it is ended.
struct Scheduled : Held {
  AccountBackfills backfills{loop.io.get_executor(), held, nullptr};
  AccountAutoBackfill automatic;

  explicit Scheduled(firestore::ClientThread* leases = nullptr)
      : automatic(loop.io.get_executor(), held, backfills, leases, {.instance_id = "host-1"}) {}

  void run() { loop.run(automatic.run(BackfillTrigger::kPeriodic)); }
  bool ready() const { return automatic.standing().ready; }
  std::size_t begun() const { return events<event::BackfillStarted>(told).size(); }
  std::vector<event::BackfillEnded> over() const { return events<event::BackfillEnded>(told); }
};

struct Leased {
  Leases leases;
  firestore::ClientThread thread{leases.inbox()};
  Scheduled it{&thread};

  std::vector<std::string> skips() const {
    std::vector<std::string> out;
    for (const auto& skip : events<event::BackfillSkipped>(it.told)) out.push_back(skip.holder);
    return out;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("one that finds nothing to do is a success, and the account says so") {
  Scheduled it;
  it.automatic.begin();
  CHECK(it.ready());
  it.loop.run(it.automatic.run(BackfillTrigger::kConnect));
  REQUIRE(it.over().size() == 1);
  CHECK(it.begun() == 1);
  CHECK_FALSE(it.over()[0].failure);
  CHECK(it.over()[0].trigger == BackfillTrigger::kConnect);
  const AutoBackfill last = it.row().auto_backfill;
  CHECK(last.ok);
  CHECK_FALSE(last.running);
  CHECK(last.trigger == "connect");
  CHECK(last.holder == "host-1");
  CHECK(last.success_at.known());
  CHECK(last.started_at == last.attempt_at);
  const BackfillStanding standing = it.automatic.standing();
  CHECK(standing.last_attempt == last.attempt_at);
  CHECK(standing.last_success == last.success_at);
  CHECK(standing.last_turn.known());
  CHECK(it.wakes >= 2);  // for the row, at the begin and at the end
}

TEST_CASE("not while the account is unfit for one; but that it was its turn is noted") {
  Scheduled it;
  SUBCASE("not online") {
    it.now = AccountState::kConnecting;
  }
  SUBCASE("let go") {
    it.now = AccountState::kStopping;
  }
  SUBCASE("the history arrives") {
    it.history_busy = true;
  }
  SUBCASE("the history has only just arrived") {
    it.automatic.chunk_done({.messages = 5});
  }
  SUBCASE("one runs that somebody asked for") {
    it.put_message(kAna, "A");
    it.backfills.start({});
  }
  CHECK_FALSE(it.ready());
  it.run();
  CHECK(it.begun() == 0);
  CHECK(it.automatic.standing().last_turn.known());
  CHECK_FALSE(it.automatic.standing().last_attempt.known());
  it.loop.run(it.backfills.end(kOver));
}

TEST_CASE("an answer to a backfill is no history that arrives") {
  Scheduled it;
  it.automatic.chunk_done({.request_id = "3EB0"});
  CHECK(it.ready());
}

TEST_CASE("what a process that was killed left as running is not") {
  Scheduled it;
  it.change([](Account& account) {
    account.auto_backfill = {
        .attempt_at = {1'700'000'500}, .success_at = {1'700'000'000}, .running = true, .ok = true};
  });
  it.automatic.begin();
  const AutoBackfill last = it.row().auto_backfill;
  CHECK_FALSE(last.running);
  CHECK_FALSE(last.ok);
  CHECK(last.error_code == "interrupted");
  CHECK(it.automatic.standing().last_attempt.value == 1'700'000'500);
  CHECK(it.automatic.standing().last_success.value == 1'700'000'000);
}

TEST_CASE("what one that is ended came to is known before its end is over") {
  Scheduled it;
  it.put_message(kAna, "A");
  const auto outcome = it.loop.spawn(it.automatic.run(BackfillTrigger::kPeriodic));
  it.loop.run_until([&] { return it.backfills.running(); });
  CHECK(it.row().auto_backfill.running);
  it.now = AccountState::kStopping;
  it.loop.run(it.backfills.end(kOver));
  REQUIRE(it.over().size() == 1);
  REQUIRE(it.over()[0].failure);
  CHECK(it.over()[0].failure->code() == ErrorCode::kInterrupted);
  const AutoBackfill last = it.row().auto_backfill;
  CHECK_FALSE(last.running);
  CHECK_FALSE(last.ok);
  CHECK(last.error_message == kOver.what());
  CHECK_FALSE(last.success_at.known());
  it.loop.finish(outcome);
}

TEST_CASE("a row that cannot be written ends the connection") {
  Scheduled it;
  it.put_message(kAna, "A");
  const auto outcome = it.loop.spawn(it.automatic.run(BackfillTrigger::kPeriodic));
  it.loop.run_until([&] { return it.backfills.running(); });
  it.db().execute("DROP TABLE account");
  it.loop.run(it.backfills.end(kOver));
  it.loop.finish(outcome);
  CHECK(it.ended.size() == 1);
  CHECK(it.over().size() == 1);
}

TEST_CASE("the lease is ours meanwhile, and free afterwards") {
  Leased leased;
  Scheduled& it = leased.it;
  it.put_message(kAna, "A");
  const auto outcome = it.loop.spawn(it.automatic.run(BackfillTrigger::kPeriodic));
  it.loop.run_until([&] { return it.backfills.running(); });
  CHECK(leased.leases.holder(kLease) == "host-1");
  it.loop.run(it.backfills.end(kOver));
  it.loop.finish(outcome);
  CHECK(leased.leases.holder(kLease).empty());
}

TEST_CASE("who has the lease is told once, until that changes") {
  Leased leased;
  Scheduled& it = leased.it;
  leased.leases.give(kLease, "host-2");
  it.run();
  it.run();
  CHECK(leased.skips() == Names{"host-2"});
  leased.leases.away = true;
  it.run();
  it.run();
  CHECK(leased.skips() == Names{"host-2", ""});
  CHECK(it.begun() == 0);
  leased.leases.away = false;
  leased.leases.free(kLease);
  it.run();
  CHECK(it.over().size() == 1);
  leased.leases.give(kLease, "host-2");
  it.run();
  CHECK(leased.skips() == Names{"host-2", "", "host-2"});
}

TEST_CASE("a lease that comes when the account is being let go starts nothing") {
  Leased leased;
  Scheduled& it = leased.it;
  const auto outcome = it.loop.spawn(it.automatic.run(BackfillTrigger::kPeriodic));
  boost::asio::post(it.loop.io, [&] {  // right after it was asked for
    it.now = AccountState::kReleasing;
    it.automatic.end();
  });
  it.loop.finish(outcome);
  CHECK(it.begun() == 0);
  CHECK(leased.skips().empty());
  CHECK(leased.leases.holder(kLease) == "host-1");  // whoever lets the account go sees to that
  it.loop.run(it.automatic.release_lease());
  CHECK(leased.leases.holder(kLease).empty());
}

TEST_CASE("a lease that comes when the account is ours again, of the time before, starts nothing") {
  Leased leased;
  Scheduled& it = leased.it;
  const auto outcome = it.loop.spawn(it.automatic.run(BackfillTrigger::kPeriodic));
  boost::asio::post(it.loop.io, [&] {
    it.automatic.end();
    it.automatic.begin();
  });
  it.loop.finish(outcome);
  CHECK(it.begun() == 0);
}

}  // namespace account_auto_backfill_test
