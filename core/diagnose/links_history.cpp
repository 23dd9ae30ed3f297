#include <algorithm>

#include "diagnose/link.h"

namespace wasync::diagnosis {
namespace {

using Verdict = HistoryProgress::Verdict;

// A phone that is awake begins within seconds, and sends a part every few seconds.
constexpr std::int64_t kPatience_s = 10 * 60;
// After 100 percent of a phase, a phone that has another phase begins it within half of this.
constexpr std::int64_t kSettled_s = 60;

bool within(std::int64_t seconds, UnixSeconds since, UnixSeconds now) {
  return since.value + seconds > now.value;
}

Facts facts_of(const StoredAccount& stored) {
  const HistoryResult& result = stored.account.last_history_result;
  return {{"chunks", stored.history.queue.done},
          {"waiting", stored.history.queue.waiting},
          {"lost", stored.history.queue.failed},
          {"progress", static_cast<std::int64_t>(result.progress)},
          {"saved", result.saved},
          {"paired_at", stored.paired_at},
          {"last_at", stored.account.last_history_sync_at},
          {"too_large", stored.too_large},
          {"too_large_in", stored.too_large_in},
          {"error", stored.history.last_error}};
}

Link nothing_came(const Sight& sight, Facts facts) {
  const StoredAccount& stored = *sight.stored;
  if (stored.history_awaited && within(kPatience_s, stored.paired_at, sight.all.now))
    return broken(CheckId::kHistory, Cause::kHistoryArriving, Finding::kHistoryAwaited,
                  std::move(facts));
  if (stored.totals.threads > 0)
    return ok(CheckId::kHistory, Finding::kNoHistoryOfThisLink, std::move(facts));
  return broken(CheckId::kHistory, Cause::kNoHistory, Finding::kNoHistory, std::move(facts));
}

// Whether more is certain to come. If `pair` saw the history through, it has judged that already.
bool still_arriving(const StoredAccount& stored, UnixSeconds now) {
  if (stored.history.queue.waiting > 0) return true;
  if (!stored.history_awaited) return false;
  switch (stored.history.verdict) {
    case Verdict::kComplete: return false;
    case Verdict::kPerhapsMore: return within(kSettled_s, stored.account.last_history_sync_at, now);
    case Verdict::kAwaiting: break;
  }
  return true;
}

}  // namespace

std::optional<Link> history_link(const Sight& sight) {
  if (sight.stored == nullptr) return std::nullopt;
  const StoredAccount& stored = *sight.stored;
  const HistoryQueueCounts& queue = stored.history.queue;
  Facts facts = facts_of(stored);
  if (stored.account.last_history_result.dry_run)
    return broken(CheckId::kHistory, Cause::kConfiguration, Finding::kHistoryTried,
                  std::move(facts));
  if (!stored.history.any && queue.waiting == 0 && queue.failed == 0)
    return nothing_came(sight, std::move(facts));
  if (still_arriving(stored, sight.all.now)) {
    const bool moving =
        within(kPatience_s, std::max(stored.account.last_history_sync_at, stored.paired_at),
               sight.all.now);
    if (!moving) facts.push_back({"hint", stored.history.last_error});
    return broken(CheckId::kHistory, Cause::kHistoryArriving,
                  moving ? Finding::kHistoryArriving : Finding::kHistoryStalled, std::move(facts));
  }
  if (queue.failed > 0)
    return broken(CheckId::kHistory, Cause::kOldMessagesMissing, Finding::kHistoryPartsLost,
                  std::move(facts));
  if (stored.too_large > 0)
    return ok(CheckId::kHistory, Finding::kHistoryWithoutLarge, std::move(facts));
  return ok(CheckId::kHistory,
            stored.full_history_requested ? Finding::kHistoryHere : Finding::kHistoryRecent,
            std::move(facts));
}

std::optional<Link> threads_link(const Sight& sight) {
  if (sight.stored == nullptr) return std::nullopt;
  const StoredAccount& stored = *sight.stored;
  const InboxTotals& totals = stored.totals;
  Facts facts{{"threads", totals.threads},
              {"messages", totals.messages},
              {"placeholders", totals.placeholders},
              {"awaited", stored.undecryptable.waiting},
              {"unreadable", stored.undecryptable.lost},
              {"left_out", stored.left_out.of_share},
              {"not_asked", stored.left_out.not_asked},
              {"left_out_at", stored.left_out.last_at},
              {"never_asked", stored.never_asked},
              {"oldest_message_at", totals.oldest_message_at},
              {"last_backfill_at", stored.account.last_backfill_at}};
  if (totals.threads == 0)
    return ok(CheckId::kThreads, Finding::kNoConversations, std::move(facts));
  if (!stored.history.any && stored.never_asked > 0)
    return broken(CheckId::kThreads, Cause::kOldMessagesMissing, Finding::kOldMessagesMissing,
                  std::move(facts));
  if (stored.inbox.shown_placeholders * 2 > stored.inbox.shown)
    return broken(CheckId::kThreads, Cause::kOldMessagesMissing, Finding::kMostlyPlaceholders,
                  std::move(facts));
  if (stored.left_out.last_at.known())
    return ok(CheckId::kThreads, Finding::kThreadsLeftOut, std::move(facts));
  return ok(CheckId::kThreads,
            stored.undecryptable.waiting > 0 ? Finding::kThreadsAwaited : Finding::kThreads,
            std::move(facts));
}

// For information: a backfill without an answer is no fault, because a phone need not answer.
std::optional<Link> backfill_link(const Sight& sight) {
  if (sight.stored == nullptr || sight.stored->totals.threads == 0) return std::nullopt;
  const Account& account = sight.stored->account;
  const AutoBackfill& scheduled = account.auto_backfill;
  const bool by_itself = scheduled.at > account.last_backfill_at;
  const BackfillResult& asked = account.last_backfill_result;
  UnixSeconds next;
  if (const auto& pace = sight.all.scheduled_backfill; pace && scheduled.attempt_at.known())
    next = {std::max(scheduled.attempt_at.value + pace->after_attempt.count(),
                     scheduled.success_at.value + pace->after_success.count())};
  const Facts facts{{"last_at", std::max(scheduled.at, account.last_backfill_at)},
                    {"threads", by_itself ? scheduled.threads : asked.threads},
                    {"messages", by_itself ? scheduled.messages : asked.messages},
                    {"errors", by_itself ? scheduled.errors : asked.errors},
                    {"error", by_itself && !scheduled.ok ? scheduled.error_message : ""},
                    {"scheduled", by_itself ? std::int64_t{1} : std::int64_t{0}},
                    {"started_at", scheduled.started_at},
                    {"until", next}};
  const auto found = [&](Finding finding) { return ok(CheckId::kBackfill, finding, facts); };
  if (scheduled.running && listening_of(sight) != nullptr) return found(Finding::kFilling);
  if (!scheduled.at.known() && !account.last_backfill_at.known())
    return found(Finding::kNeverFilled);
  if (by_itself && !scheduled.ok) return found(Finding::kFillingFailed);
  return found(next > sight.all.now ? Finding::kFilledRests : Finding::kFilled);
}

}  // namespace wasync::diagnosis
