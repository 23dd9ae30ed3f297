// When `listen` starts a backfill by itself, and of which accounts: a tick some time after an
// account came online, and regular ticks for all accounts. Pure: the caller passes the time and
// starts the backfills.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "inbox/ids.h"

namespace wasync {

struct AutoBackfillOptions {
  bool enabled = true;
  std::chrono::milliseconds interval = std::chrono::minutes(12);
  std::chrono::milliseconds success_cooldown = std::chrono::hours(6);
  std::chrono::milliseconds attempt_backoff = std::chrono::minutes(10);
  // Of the account's backfill, among hosts. It is not renewed: the backfill ends before it does.
  std::chrono::milliseconds lease = std::chrono::minutes(15);
  std::size_t most_per_tick = 3;
  std::size_t most_at_once = 1;
  std::int64_t per_thread = 20;  // messages
};

enum class BackfillTrigger { kConnect, kPeriodic };
std::string_view name(BackfillTrigger trigger);  // "connect", …

// An account as the schedule sees it.
struct BackfillStanding {
  AccountId id;
  bool ready = false;  // online, no history arriving, no backfill running
  UnixSeconds last_attempt{};
  UnixSeconds last_success{};
  UnixSeconds last_turn{};  // also one that came to nothing, because of a lease
};

// Neither soon after a success nor after any attempt. A time that is still to come is none: the
// clock was wrong then, or is now.
bool is_due(const BackfillStanding& account, const AutoBackfillOptions& options, UnixSeconds now);

struct DueBackfill {
  AccountId account;
  BackfillTrigger trigger = BackfillTrigger::kPeriodic;
  bool operator==(const DueBackfill&) const = default;
};

class BackfillSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Between coming online and the tick, at random, so that a restart does not ask all phones at
  // once; but never longer than the interval.
  static constexpr std::chrono::milliseconds kLeastSettling{10'000};
  static constexpr std::chrono::milliseconds kMostSettling{40'000};

  BackfillSchedule(AutoBackfillOptions options, Time now);

  void came_online(const AccountId& account, Time now);
  Time next_tick() const;
  // Takes down who is due, if it is time for a tick: at most `most_per_tick` wait at any time,
  // those first whose last turn is longest ago. Those that settled are looked at once, all others
  // when the interval is over.
  void tick(Time now, UnixSeconds clock, std::vector<BackfillStanding> accounts);
  // Who is to be started now, if anybody; counts as running until ended().
  std::optional<DueBackfill> next();
  void ended(const AccountId& account);

 private:
  bool is_taken_down(const AccountId& account) const;

  AutoBackfillOptions options_;
  Time next_periodic_;
  std::map<std::string, Time> settled_at_{};  // by account id
  std::deque<DueBackfill> waiting_{};
  std::set<std::string> running_{};
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace wasync
