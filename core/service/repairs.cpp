#include "service/repairs.h"

#include <algorithm>
#include <exception>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/http.h"
#include "base/sqlite.h"
#include "diagnose/repair_firestore.h"
#include "diagnose/repair_stored.h"
#include "firestore/upload_thread.h"
#include "inbox/schema.h"
#include "service/account_repair.h"

namespace wasync {
namespace {

using diagnosis::AccountDiagnosis;
using diagnosis::Diagnosis;
using diagnosis::Finding;
using diagnosis::Redirect;
using diagnosis::Repair;
using diagnosis::RepairEnd;
using diagnosis::RepairOutcome;
using diagnosis::RepairPlan;
using diagnosis::RetryDocument;
using diagnosis::SetTime;
using diagnosis::StoredRepair;
using Tell = std::function<void(std::size_t, const RepairOutcome&)>;

constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::milliseconds kKeepTrying{5000};  // while Firestore is unwell
constexpr const char* kNoAnswer = "Firestore does not answer";

bool has(const AccountDiagnosis& account, std::initializer_list<Finding> findings) {
  return std::ranges::any_of(account.checks, [&](const diagnosis::Check& check) {
    return std::ranges::find(findings, check.finding) != findings.end();
  });
}

// Its documents were sent to another Firestore than the one that is configured here.
bool is_elsewhere(const AccountDiagnosis& account) {
  return has(account, {Finding::kInboxElsewhere, Finding::kFirestoreNotConfigured});
}

void check_age(Database& database) {
  if (tables_age(database, inbox_tables()) != TablesAge::kCurrent)
    throw Error(ErrorCode::kStore, Phrase{"another version of wa-sync wrote the account's file",
                                          "altă versiune de wa-sync a scris fișierul contului"});
}

// Over when no answer has come for so long.
class Patience {
 public:
  Patience(std::chrono::milliseconds time, const std::int64_t& answers)
      : time_(time), answers_(answers) {}
  bool is_over() {
    const auto now = std::chrono::steady_clock::now();
    if (std::exchange(seen_, answers_) != answers_) since_ = now;
    return ended_ = now - since_ > time_;
  }
  // What ended then says little of why.
  std::string why(const Error& error) const { return ended_ ? kNoAnswer : error.what(); }

 private:
  std::chrono::milliseconds time_;
  const std::int64_t& answers_;
  std::int64_t seen_ = 0;
  bool ended_ = false;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// An account's part in Firestore, and its file.
void in_firestore(const RepairSite& site, const AccountId& account,
                  const std::function<void(diagnosis::FirestoreSite&, const Patience&)>& work) {
  Database database(site.state.account_file(account), Database::Mode::kReadOnly);
  std::int64_t reads = 0;
  Patience patience(site.patience, reads);
  HttpClient http;
  firestore::Client client(
      http, *site.inbox->credentials, site.inbox->target, [&] { return patience.is_over(); },
      std::min(kKeepTrying, site.patience / 2));
  diagnosis::FirestoreSite there{
      .client = client, .database = database, .reads = reads, .now = UnixSeconds::now()};
  work(there, patience);
}

void plan_account(const RepairSite& site, const AccountDiagnosis& account, RepairPlan& plan) {
  const bool firestore = site.inbox && !is_elsewhere(account);
  {
    Database database(site.state.account_file(account.id), Database::Mode::kReadOnly);
    check_age(database);
    diagnosis::plan_stored(database, account.id, firestore, plan);
  }
  if (!firestore) return;
  if (has(account, {Finding::kFirestoreUnreachable}))  // do not wait for it once more
    throw Error(ErrorCode::kFirestoreUnreachable, kNoAnswer);
  in_firestore(site, account.id, [&](diagnosis::FirestoreSite& there, const Patience& patience) {
    try {
      diagnosis::plan_firestore(there, account.id, plan);
    } catch (const Error& error) {
      plan.not_planned.push_back({.account = account.id, .why = patience.why(error)});
    }
    plan.firestore_reads += there.reads;
  });
}

bool is_stored(const Repair& repair) {
  if (const auto* time = std::get_if<SetTime>(&repair.work)) return !time->in_firestore;
  if (const auto* redirect = std::get_if<Redirect>(&repair.work)) return !redirect->in_firestore;
  return true;
}

StoredRepair stored_repair(const Repair& repair) {
  if (std::holds_alternative<RetryDocument>(repair.work)) return {};
  const auto thread = ThreadId::parse(std::string_view(repair.document).substr(8));  // "threads/"
  if (!thread) throw Error(ErrorCode::kInternal, "a repair without a thread");
  const bool time = std::holds_alternative<SetTime>(repair.work);
  return {.what = time ? StoredRepair::What::kSetTime : StoredRepair::What::kMerge,
          .thread = thread->jid()};
}

RepairOutcome failure(std::string why) {
  return {.end = RepairEnd::kFailed, .error = std::move(why)};
}

// The documents of one account that are offered again.
struct Offer {
  const RepairSite& site;
  const AccountDiagnosis& account;
  const RepairPlan& plan;
  std::vector<std::size_t> repairs;

  const RetryDocument& document(std::size_t repair) const {
    return std::get<RetryDocument>(plan.repairs[repair].work);
  }
  bool is_waiting(Database& database) const {
    return std::ranges::any_of(repairs, [&](std::size_t each) {
      return diagnosis::outcome_of(database, document(each)).end == RepairEnd::kQueued;
    });
  }
  // Not beside another host: our word on the account's status must not replace its own.
  std::string send() const {
    if (!site.inbox || has(account, {Finding::kHeldElsewhere, Finding::kLeaseElsewhere})) return {};
    try {
      const auto state =
          firestore::upload_now(site.state.account_file(account.id), *site.inbox, site.patience);
      return state.trouble ? state.trouble->message.in(Language::kEnglish) : std::string();
    } catch (const Error& error) {
      return error.what();
    }
  }
  void until_sent(Database& database) const {
    const auto until = std::chrono::steady_clock::now() + site.patience;
    while (is_waiting(database) && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(kLook);
  }

  void make(const Tell& tell) const {
    std::string trouble;
    std::int64_t changed = 0;
    const RepairedBy by = repair_account(site.state, account.id, {}, site.patience, changed,
                                         [&] { trouble = send(); });
    Database database(site.state.account_file(account.id), Database::Mode::kReadOnly);
    if (by == RepairedBy::kListener) until_sent(database);
    for (const std::size_t each : repairs) {
      RepairOutcome outcome = diagnosis::outcome_of(database, document(each));
      if (outcome.end == RepairEnd::kQueued) outcome.error = trouble;
      tell(each, outcome);
    }
  }
};

bool is_thread(const Repair& repair) {
  return !std::holds_alternative<RetryDocument>(repair.work);
}

// Those of one account that are threads' and are done here, or in Firestore.
std::vector<std::size_t> threads_of(const AccountId& account, const RepairPlan& plan, bool stored) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < plan.repairs.size(); ++i)
    if (plan.repairs[i].account == account && is_thread(plan.repairs[i]) &&
        is_stored(plan.repairs[i]) == stored)
      out.push_back(i);
  return out;
}

RepairOutcome repair_in_firestore(diagnosis::FirestoreSite& there, const Patience& patience,
                                  const Repair& repair) {
  const std::int64_t before = there.reads;
  RepairOutcome outcome;
  try {
    outcome = std::holds_alternative<SetTime>(repair.work) ? diagnosis::set_time(there, repair)
                                                           : diagnosis::redirect(there, repair);
  } catch (const Error& error) {
    outcome = failure(patience.why(error));
  }
  outcome.firestore_reads = there.reads - before;
  return outcome;
}

RepairOutcome repair_here(const RepairSite& site, const Repair& repair) {
  try {
    std::int64_t changed = 0;
    (void)repair_account(site.state, repair.account, stored_repair(repair), site.patience, changed);
    return {.end = changed > 0 ? RepairEnd::kDone : RepairEnd::kAlready};
  } catch (const Error& error) {
    return failure(error.what());
  }
}

void offer_again(const Offer& offer, const Tell& tell) {
  try {
    offer.make(tell);
  } catch (const Error& error) {
    for (const std::size_t each : offer.repairs) tell(each, failure(error.what()));
  }
}

void repair_account_of(const RepairSite& site, const AccountDiagnosis& account,
                       const RepairPlan& plan, const Tell& tell) {
  Offer offer{.site = site, .account = account, .plan = plan, .repairs = {}};
  for (std::size_t i = 0; i < plan.repairs.size(); ++i)
    if (plan.repairs[i].account == account.id && !is_thread(plan.repairs[i]))
      offer.repairs.push_back(i);
  if (!offer.repairs.empty()) offer_again(offer, tell);
  // Firestore first: what another writer put into a LID's thread there is copied before ours, once
  // it is merged here, goes out pointing elsewhere.
  if (const auto there = threads_of(account.id, plan, false); !there.empty())
    in_firestore(site, account.id,
                 [&](diagnosis::FirestoreSite& firestore, const Patience& patience) {
                   for (const std::size_t each : there)
                     tell(each, repair_in_firestore(firestore, patience, plan.repairs[each]));
                 });
  for (const std::size_t each : threads_of(account.id, plan, true))
    tell(each, repair_here(site, plan.repairs[each]));
}

}  // namespace

RepairPlan plan_repairs(const RepairSite& site, const Diagnosis& seen) {
  RepairPlan plan;
  for (const AccountDiagnosis& account : seen.accounts) {
    try {
      plan_account(site, account, plan);
    } catch (const Error& error) {
      plan.not_planned.push_back({.account = account.id, .why = error.what()});
    }
  }
  return plan;
}

void do_repairs(const RepairSite& site, const Diagnosis& seen, const RepairPlan& plan,
                const Tell& tell) {
  std::set<AccountId> here;
  for (const Repair& repair : plan.repairs)
    if (is_stored(repair)) here.insert(repair.account);
  for (const AccountId& id : here) check_repairable(site.state, id, site.patience);
  for (const AccountDiagnosis& account : seen.accounts)
    repair_account_of(site, account, plan, tell);
}

}  // namespace wasync
