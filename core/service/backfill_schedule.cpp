#include "service/backfill_schedule.h"

#include <algorithm>
#include <utility>

namespace wasync {
namespace {

using std::chrono::milliseconds;

bool within(UnixSeconds then, milliseconds time, UnixSeconds now) {
  return then.known() && then <= now && (now.value - then.value) * 1000 < time.count();
}

}  // namespace

std::string_view name(BackfillTrigger trigger) {
  return trigger == BackfillTrigger::kConnect ? "connect" : "periodic";
}

bool is_due(const BackfillStanding& account, const AutoBackfillOptions& options, UnixSeconds now) {
  return account.ready && !within(account.last_success, options.success_cooldown, now) &&
         !within(account.last_attempt, options.attempt_backoff, now);
}

BackfillSchedule::BackfillSchedule(AutoBackfillOptions options, Time now)
    : options_(options), next_periodic_(now + options.interval) {}

// One that comes and goes is not put off each time.
void BackfillSchedule::came_online(const AccountId& account, Time now) {
  std::uniform_int_distribution<std::int64_t> between(kLeastSettling.count(),
                                                      kMostSettling.count());
  const milliseconds settling = std::min(milliseconds(between(random_)), options_.interval);
  settled_at_.emplace(account.str(), now + settling);
}

BackfillSchedule::Time BackfillSchedule::next_tick() const {
  Time next = next_periodic_;
  for (const auto& [id, time] : settled_at_) next = std::min(next, time);
  return next;
}

bool BackfillSchedule::is_taken_down(const AccountId& account) const {
  return running_.contains(account.str()) ||
         std::ranges::find(waiting_, account, &DueBackfill::account) != waiting_.end();
}

void BackfillSchedule::tick(Time now, UnixSeconds clock, std::vector<BackfillStanding> accounts) {
  const bool periodic = now >= next_periodic_;
  if (periodic) next_periodic_ = now + options_.interval;
  const auto settled = [&](const AccountId& id) {
    const auto found = settled_at_.find(id.str());
    return found != settled_at_.end() && found->second <= now;
  };
  std::erase_if(accounts, [&](const BackfillStanding& each) {
    return (!periodic && !settled(each.id)) || is_taken_down(each.id) ||
           !is_due(each, options_, clock);
  });
  std::ranges::stable_sort(accounts, {}, [](const BackfillStanding& each) {
    return std::max(each.last_attempt, each.last_turn);
  });
  for (const BackfillStanding& each : accounts) {
    if (waiting_.size() >= options_.most_per_tick) break;
    waiting_.push_back(
        {.account = each.id,
         .trigger = settled(each.id) ? BackfillTrigger::kConnect : BackfillTrigger::kPeriodic});
  }
  std::erase_if(settled_at_, [now](const auto& each) { return each.second <= now; });
}

std::optional<DueBackfill> BackfillSchedule::next() {
  if (waiting_.empty() || running_.size() >= options_.most_at_once) return std::nullopt;
  DueBackfill due = std::move(waiting_.front());
  waiting_.pop_front();
  running_.insert(due.account.str());
  return due;
}

void BackfillSchedule::ended(const AccountId& account) {
  running_.erase(account.str());
}

}  // namespace wasync
