#include "diagnose/repair_stored.h"

#include "inbox/mend.h"
#include "inbox/set_aside.h"

namespace wasync::diagnosis {
namespace {

std::string document_of(const AccountId& account, const Jid& jid) {
  return "threads/" + thread_id_for(account, jid).str();
}

}  // namespace

void plan_stored(Database& database, const AccountId& account, bool uploads, RepairPlan& plan) {
  // Without Firestore, there is no place to offer documents to.
  if (uploads)
    for (SetAsideRow& row : set_aside_rows(database))
      plan.repairs.push_back({.account = account,
                              .document = std::move(row.document),
                              .work = RetryDocument{.kind = row.kind,
                                                    .row = row.row,
                                                    .error = std::move(row.error),
                                                    .refusals = row.refusals}});
  for (const UndatedThread& thread : undated_threads(database))
    if (can_be_thread(thread.jid))
      plan.repairs.push_back({.account = account,
                              .document = document_of(account, thread.jid),
                              .work = SetTime{.time = thread.newest}});
  for (const UnmergedThread& thread : unmerged_threads(database))
    if (can_be_thread(thread.lid) && can_be_thread(thread.phone))
      plan.repairs.push_back({.account = account,
                              .document = document_of(account, thread.lid),
                              .work = Redirect{.into = document_of(account, thread.phone),
                                               .messages = thread.messages}});
}

std::int64_t repair_stored(Database& database, const StoredRepair& repair) {
  Transaction transaction(database, "repair");
  std::int64_t changed = 0;
  switch (repair.what) {
    case StoredRepair::What::kRetryDocuments: changed = retry_set_aside(database); break;
    case StoredRepair::What::kSetTime:
      changed = date_thread(database, repair.thread) ? 1 : 0;
      break;
    case StoredRepair::What::kMerge:
      changed = unite_threads(database, repair.thread) ? 1 : 0;
      break;
  }
  transaction.commit();
  return changed;
}

RepairOutcome outcome_of(Database& database, const RetryDocument& document) {
  const OfferedRow row = offered_row(database, document.kind, document.row);
  if (row.error) return {.end = RepairEnd::kFailed, .error = *row.error};
  return {.end = row.sent ? RepairEnd::kSent : RepairEnd::kQueued};
}

}  // namespace wasync::diagnosis
