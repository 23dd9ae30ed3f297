#include "service/backfill_schedule.h"

#include <doctest/doctest.h>

namespace backfill_schedule_test {

using namespace wasync;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const AccountId kFirst = account_id_for("+40700000001");
const AccountId kSecond = account_id_for("+40700000002");
const AccountId kThird = account_id_for("+40700000003");
constexpr UnixSeconds kNow{1'760'000'000};

UnixSeconds ago(seconds time) {
  return {kNow.value - time.count()};
}

BackfillStanding ready(const AccountId& id) {
  return {.id = id, .ready = true};
}

// A schedule and the time it is told.
struct Clock {
  BackfillSchedule::Time now{hours(100)};
  UnixSeconds clock = kNow;
  BackfillSchedule schedule;

  explicit Clock(AutoBackfillOptions options = {}) : schedule(options, now) {}

  void pass(milliseconds time) {
    now += time;
    clock.value += time / seconds(1);
  }
  void to_next_tick() { now = schedule.next_tick(); }
  // Whom a tick starts, as far as anybody may start.
  std::vector<DueBackfill> tick(const std::vector<BackfillStanding>& accounts) {
    schedule.tick(now, clock, accounts);
    std::vector<DueBackfill> started;
    while (const auto due = schedule.next()) started.push_back(*due);
    return started;
  }
};

std::vector<AccountId> ids(const std::vector<DueBackfill>& all) {
  std::vector<AccountId> out;
  for (const auto& each : all) out.push_back(each.account);
  return out;
}

}  // namespace

TEST_CASE("due is who was not filled, nor tried, for long enough") {
  const AutoBackfillOptions options;
  const auto due = [&](UnixSeconds attempt, UnixSeconds success) {
    BackfillStanding account = ready(kFirst);
    account.last_attempt = attempt;
    account.last_success = success;
    return is_due(account, options, kNow);
  };
  CHECK(due({}, {}));
  CHECK(due(ago(hours(7)), ago(hours(7))));
  CHECK(due(ago(hours(6)), ago(hours(6))));
  CHECK_FALSE(due(ago(hours(6)), ago(hours(6) - seconds(1))));
  CHECK_FALSE(due(ago(minutes(10) - seconds(1)), {}));
  CHECK(due(ago(minutes(10)), {}));
  CHECK_FALSE(due(ago(minutes(10)), ago(hours(1))));
  CHECK_FALSE(due(kNow, ago(hours(7))));
  // The clock was an hour ahead when it was tried.
  CHECK(due({kNow.value + 3600}, {kNow.value + 3600}));
  CHECK_FALSE(is_due({.id = kFirst, .ready = false}, options, kNow));
}

TEST_CASE("an account that came online is looked at 10 to 40 seconds later") {
  for (int i = 0; i < 50; ++i) {
    Clock clock;
    clock.schedule.came_online(kFirst, clock.now);
    const auto wait = clock.schedule.next_tick() - clock.now;
    CHECK(wait >= seconds(10));
    CHECK(wait <= seconds(40));
    CHECK(clock.tick({ready(kFirst)}).empty());
    // Coming online once more does not put it off.
    clock.pass(seconds(9));
    const auto before = clock.schedule.next_tick();
    clock.schedule.came_online(kFirst, clock.now);
    CHECK(clock.schedule.next_tick() == before);
    clock.to_next_tick();
    const std::vector<DueBackfill> expected{
        {.account = kFirst, .trigger = BackfillTrigger::kConnect}};
    // The other one waits for the interval.
    CHECK(clock.tick({ready(kFirst), ready(kSecond)}) == expected);
    CHECK(clock.schedule.next_tick() > clock.now + minutes(11));
  }
}

TEST_CASE("where ticks come more often, nobody waits longer than for the next") {
  Clock clock({.interval = milliseconds(200)});
  clock.schedule.came_online(kFirst, clock.now);
  CHECK(clock.schedule.next_tick() == clock.now + milliseconds(200));
}

TEST_CASE("when the interval is over all are looked at, and then again") {
  Clock clock;
  CHECK(clock.schedule.next_tick() == clock.now + minutes(12));
  CHECK(clock.tick({ready(kFirst)}).empty());
  clock.pass(minutes(12));
  const std::vector<DueBackfill> expected{
      {.account = kFirst, .trigger = BackfillTrigger::kPeriodic}};
  CHECK(clock.tick({ready(kFirst)}) == expected);
  CHECK(clock.schedule.next_tick() == clock.now + minutes(12));
  clock.schedule.ended(kFirst);
  CHECK(clock.tick({ready(kFirst)}).empty());
  // After a night asleep there is one tick, not fifty.
  clock.pass(hours(10));
  CHECK(clock.tick({ready(kFirst)}).size() == 1);
  CHECK(clock.schedule.next_tick() == clock.now + minutes(12));
}

TEST_CASE("only those that are ready, whose last turn is longest ago, and so many at a tick") {
  Clock clock({.most_per_tick = 2, .most_at_once = 9});
  clock.pass(minutes(12));
  BackfillStanding first = ready(kFirst);
  first.last_attempt = ago(hours(8));
  BackfillStanding second = ready(kSecond);
  second.last_attempt = ago(hours(9));
  BackfillStanding third = ready(kThird);
  third.last_turn = ago(hours(7));  // another instance had it
  const std::vector<BackfillStanding> all{third, first, second};
  CHECK(ids(clock.tick(all)) == std::vector{kSecond, kFirst});
  clock.pass(minutes(12));
  // Those that still run are not taken down again.
  CHECK(ids(clock.tick(all)) == std::vector{kThird});
  clock.pass(minutes(12));
  clock.schedule.ended(kFirst);
  first.ready = false;
  CHECK(clock.tick({first}).empty());
}

TEST_CASE("so many at once; the others wait for one to end, and are not taken down twice") {
  Clock clock({.most_per_tick = 2, .most_at_once = 1});
  const std::vector all{ready(kFirst), ready(kSecond), ready(kThird)};
  clock.pass(minutes(12));
  CHECK(ids(clock.tick(all)) == std::vector{kFirst});
  CHECK_FALSE(clock.schedule.next());
  // One waits already: there is room for one more.
  clock.pass(minutes(12));
  CHECK(clock.tick(all).empty());
  clock.schedule.ended(kFirst);
  CHECK(clock.schedule.next()->account == kSecond);
  CHECK_FALSE(clock.schedule.next());
  clock.schedule.ended(kSecond);
  CHECK(clock.schedule.next()->account == kThird);
  clock.schedule.ended(kThird);
  CHECK_FALSE(clock.schedule.next());
}

TEST_CASE("the words of the account's document") {
  CHECK(name(BackfillTrigger::kConnect) == "connect");
  CHECK(name(BackfillTrigger::kPeriodic) == "periodic");
}

}  // namespace backfill_schedule_test
