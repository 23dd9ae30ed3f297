#include "session/backfill/backfill_plan.h"

#include <algorithm>
#include <functional>

#include "inbox/ids.h"
#include "session/history/history_requests.h"

namespace wasync {
namespace {

PlannedThread planned(Database& database, const ThreadListing& thread, bool force) {
  return {.thread = thread.thread,
          .exhausted = thread.history_exhausted && !force,
          .has_anchor = thread.messages > 0,
          .unanswered = was_left_unanswered(database, thread),
          .adopted = thread.adopted};
}

}  // namespace

bool can_be_filled(const ThreadListing& thread) {
  if (thread.hidden_because == HiddenBecause::kRedirected ||
      thread.hidden_because == HiddenBecause::kMergedLid)
    return false;
  // Nor does the phone tell older messages of its own service.
  if (is_official_chat(thread.jid)) return false;
  return thread.jid.is_person() || thread.jid.is_group();
}

BackfillPlan plan_backfill(Database& database, const BackfillChoice& choice) {
  std::vector<ThreadListing> all = list_threads(database, {.include_hidden = true});
  std::erase_if(all, [](const ThreadListing& each) { return !can_be_filled(each); });
  BackfillPlan plan{.existing = static_cast<std::int64_t>(all.size())};
  if (!choice.threads.empty()) {
    for (const ThreadId& id : choice.threads) {
      const auto found = std::ranges::find(all, id, &ThreadListing::thread);
      if (found != all.end()) plan.threads.push_back(planned(database, *found, choice.force));
    }
    return plan;
  }
  for (const ThreadListing& thread : all) {
    const PlannedThread each = planned(database, thread, choice.force);
    if (each.exhausted)
      ++plan.skipped;
    else if (!choice.most || plan.threads.size() < *choice.most)
      plan.threads.push_back(each);
  }
  std::ranges::stable_partition(plan.threads, std::logical_not{}, &PlannedThread::unanswered);
  return plan;
}

}  // namespace wasync
