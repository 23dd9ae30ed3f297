#include "diagnose/verdict.h"

#include <algorithm>

#include "diagnose/link.h"

namespace wasync::diagnosis {

Sight sight_of(const Observations& all, const AccountObservation& account) {
  Sight sight{.all = all, .account = account, .stored = seen(account.stored)};
  if (const auto* found = seen(all.configuration))
    sight.configuration = std::get_if<Configuration>(found);
  return sight;
}

namespace {

// In the order of the pipeline.
std::vector<Link> chain_of(const Sight& sight) {
  using Judge = std::optional<Link> (*)(const Sight&);
  constexpr Judge kChain[] = {
      target_link,           file_link,        account_link,      phone_link,
      holder_link,           connection_link,  live_link,         history_link,
      threads_link,          backfill_link,    upload_queue_link, firestore_link,
      account_document_link, lease_link,       inbox_query_link,  hidden_link,
      without_time_link,     mangled_ids_link, duplicates_link,   same_phone_link};
  std::vector<Link> chain;
  for (const Judge judge : kChain)
    if (auto link = judge(sight)) chain.push_back(*std::move(link));
  return chain;
}

// These checks say something by themselves, whatever is broken before them.
bool is_independent(CheckId check) {
  return check == CheckId::kFile || check == CheckId::kFirestore || check == CheckId::kAccount ||
         check == CheckId::kLive;
}

// After the broken link, no other check says anything by itself.
std::vector<Check> shown_chain(const std::vector<Link>& chain, const Link* decisive) {
  std::vector<Check> checks;
  bool behind = false;
  for (const Link& link : chain) {
    Check check = link.check;
    const bool fine = check.state == CheckState::kOk;
    if (behind && !(fine && is_independent(check.id))) check.state = CheckState::kSkipped;
    // The decisive link may overrule a broken one before it (see decisive_link).
    if (&link != decisive && check.state == CheckState::kBroken) check.state = CheckState::kSkipped;
    behind |= &link == decisive && check.state == CheckState::kBroken;
    checks.push_back(std::move(check));
  }
  return checks;
}

// The first broken link, else the first unknown one. WhatsApp's own answer (--live) overrules what
// the holder and the connection say.
const Link* decisive_link(const std::vector<Link>& chain) {
  for (const CheckState state : {CheckState::kBroken, CheckState::kUnknown}) {
    const auto found = std::ranges::find_if(chain, [state](const Link& link) {
      return link.check.state == state && link.cause != Cause::kNone;
    });
    if (found == chain.end()) continue;
    const bool about_connection =
        found->check.id == CheckId::kHolder || found->check.id == CheckId::kConnection;
    const auto live = std::find_if(found, chain.end(), overrules_connection);
    return about_connection && live != chain.end() ? &*live : &*found;
  }
  return nullptr;
}

// The app shows nothing of an account unless the account's document says "connected".
std::optional<std::int64_t> shown_of(const Sight& sight) {
  const AccountDocument* document = document_of(sight);
  if (document != nullptr && document->status != name(AccountStatus::kConnected)) return 0;
  if (const InboxSight* inbox = inbox_sight(sight)) return inbox->shown;
  return std::nullopt;
}

// Without its index, the app gets nothing. What Firestore refuses us, it may still give the app.
Verdict verdict_of(const Link& link, std::optional<std::int64_t> shown) {
  if (link.check.state == CheckState::kUnknown) return Verdict::kBlind;
  switch (link.check.finding) {
    case Finding::kConfigUnusable:
    case Finding::kInboxElsewhere:
    case Finding::kFirestoreNotConfigured:
    case Finding::kFileDamaged:
    case Finding::kFirestoreRefuses:
    case Finding::kQueryRefused: return Verdict::kBlind;
    case Finding::kNoHistory:
    case Finding::kIndexMissing: return Verdict::kEmpty;
    case Finding::kClockAhead:
    case Finding::kClockBehind: return Verdict::kStale;
    case Finding::kSetAside:
    case Finding::kSetAsideAgain: return shown == 0 ? Verdict::kEmpty : Verdict::kIncomplete;
    default: break;
  }
  if (shown == 0) return Verdict::kEmpty;
  switch (link.cause) {
    case Cause::kNoAccount:
    case Cause::kNotConnected:
    case Cause::kNotUploaded:
    case Cause::kOther: return Verdict::kStale;
    case Cause::kHeldElsewhere: return Verdict::kBlind;
    default: return Verdict::kIncomplete;
  }
}

bool needs_phone(const Link& link) {
  return link.cause == Cause::kNoHistory || link.cause == Cause::kOldMessagesMissing ||
         link.check.finding == Finding::kHistoryStalled;
}

Judgement judge(const std::vector<Link>& chain, const Link* decisive,
                std::optional<std::int64_t> shown) {
  Judgement out{.shown = shown};
  if (decisive != nullptr) {
    out.verdict = verdict_of(*decisive, shown);
    out.cause = decisive->cause;
    out.decisive = decisive->check;
    return out;
  }
  if (shown != 0) return out;
  out.verdict = Verdict::kEmpty;  // as it should be: the phone has no conversations
  const auto threads = std::ranges::find_if(
      chain, [](const Link& link) { return link.check.finding == Finding::kNoConversations; });
  if (threads != chain.end()) out.decisive = threads->check;
  return out;
}

AccountDiagnosis account_diagnosis(const Observations& all, const AccountObservation& account) {
  const Sight sight = sight_of(all, account);
  const std::vector<Link> chain = chain_of(sight);
  const Link* decisive = decisive_link(chain);
  AccountDiagnosis out{.id = account.id};
  if (sight.stored != nullptr) {
    out.phone = sight.stored->account.phone;
    out.name = sight.stored->account.name.empty() ? sight.stored->account.push_name
                                                  : sight.stored->account.name;
  }
  out.judgement = judge(chain, decisive, shown_of(sight));
  if (const InboxSight* inbox = inbox_sight(sight); inbox != nullptr && out.judgement.shown != 0)
    out.judgement.not_read = inbox->not_read;
  if (decisive != nullptr && needs_phone(*decisive))
    out.judgement.silent_phone = silent_phone(sight);
  out.checks = shown_chain(chain, decisive);
  return out;
}

// An account that was unlinked on purpose is no fault while there are others.
void excuse_unlinked(std::vector<AccountDiagnosis>& accounts) {
  const auto unlinked = [](const AccountDiagnosis& each) {
    return each.judgement.cause == Cause::kNoAccount;
  };
  if (std::ranges::all_of(accounts, unlinked)) return;
  for (AccountDiagnosis& each : accounts) {
    if (!unlinked(each)) continue;
    each.judgement = {.shown = each.judgement.shown};
    for (Check& check : each.checks) check.state = CheckState::kSkipped;
  }
}

std::optional<std::int64_t> shown_in_all(const std::vector<AccountDiagnosis>& accounts) {
  std::int64_t sum = 0;
  for (const AccountDiagnosis& each : accounts) {
    if (!each.judgement.shown) return std::nullopt;
    sum += *each.judgement.shown;
  }
  return sum;
}

// The worst verdict of all accounts, and the cause that stands earliest in the pipeline; if several
// accounts have it, the first one's.
void judge_all(Diagnosis& out) {
  const AccountDiagnosis* earliest = nullptr;
  for (const AccountDiagnosis& each : out.accounts) {
    out.judgement.verdict = std::max(out.judgement.verdict, each.judgement.verdict);
    if (!each.judgement.decisive) continue;
    const auto position = [](const AccountDiagnosis& account) {
      const Judgement& of = account.judgement;
      return std::pair(of.cause == Cause::kNone, of.decisive->id);
    };
    if (earliest == nullptr || position(each) < position(*earliest)) earliest = &each;
  }
  if (earliest != nullptr) {
    out.judgement.cause = earliest->judgement.cause;
    out.judgement.decisive = earliest->judgement.decisive;
    out.judgement.silent_phone = earliest->judgement.silent_phone;
    out.about = earliest->id;
  }
  out.judgement.shown = shown_in_all(out.accounts);
  for (const AccountDiagnosis& each : out.accounts)
    out.judgement.not_read += each.judgement.not_read;
}

// Something is wrong with all accounts at once, and each account's trouble follows from it.
void play_down(std::vector<AccountDiagnosis>& accounts) {
  for (AccountDiagnosis& each : accounts)
    for (Check& check : each.checks)
      if (check.state != CheckState::kOk) check.state = CheckState::kSkipped;
}

Link no_account() {
  return broken(CheckId::kAccount, Cause::kNoAccount, Finding::kNoAccount);
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHealthy: return "HEALTHY";
    case Verdict::kBlind: return "BLIND";
    case Verdict::kIncomplete: return "INCOMPLETE";
    case Verdict::kStale: return "STALE";
    case Verdict::kEmpty: return "EMPTY";
  }
  return "BLIND";
}

std::string_view name(Cause cause) {
  switch (cause) {
    case Cause::kNone: return "";
    case Cause::kOther: return "other";
    case Cause::kFirestoreUnreachable: return "firestore_unreachable";
    case Cause::kNoAccount: return "no_account";
    case Cause::kNotConnected: return "not_connected";
    case Cause::kNoHistory: return "no_history";
    case Cause::kHistoryArriving: return "history_arriving";
    case Cause::kOldMessagesMissing: return "old_messages_missing";
    case Cause::kNotUploaded: return "not_uploaded";
    case Cause::kQueryFails: return "query_fails";
    case Cause::kAllHidden: return "hidden";
    case Cause::kHeldElsewhere: return "held_elsewhere";
    case Cause::kConfiguration: return "configuration";
  }
  return "other";
}

Diagnosis diagnose(const Observations& all) {
  Diagnosis out;
  std::vector<Link> common{configuration_link(all)};
  if (auto clock = clock_link(all)) common.push_back(*std::move(clock));
  common.push_back(state_dir_link(all));
  const bool state_seen = seen(all.state_dir) != nullptr;
  if (state_seen && all.accounts.empty()) common.push_back(no_account());
  const Link* decisive = decisive_link(common);
  out.checks = shown_chain(common, decisive);
  for (const AccountObservation& each : all.accounts) {
    out.accounts.push_back(account_diagnosis(all, each));
    out.firestore_reads += each.firestore.reads;
  }
  excuse_unlinked(out.accounts);
  judge_all(out);
  if (!state_seen) out.judgement.shown.reset();
  if (decisive == nullptr) return out;
  const bool broken_here = decisive->check.state == CheckState::kBroken;
  if (!broken_here && out.judgement.cause != Cause::kNone) return out;
  if (broken_here) play_down(out.accounts);
  out.judgement.cause = decisive->cause;
  out.judgement.decisive = decisive->check;
  out.judgement.silent_phone.reset();
  out.judgement.verdict =
      std::max(out.judgement.verdict, verdict_of(*decisive, out.judgement.shown));
  out.about.reset();
  return out;
}

}  // namespace wasync::diagnosis
