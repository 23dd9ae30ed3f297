// The repairs of what an account's file holds.
#pragma once

#include "base/sqlite.h"
#include "diagnose/repair.h"

namespace wasync::diagnosis {

// Adds to the plan what to repair there. Looks only. `uploads`: the account's Inbox is in Firestore
// too. Throws Error(kStore) and the like.
void plan_stored(Database& database, const AccountId& account, bool uploads, RepairPlan& plan);

// The process that holds the account does this: it offers all documents again that were set aside,
// or does one repair of a thread. Returns how many rows changed.
struct StoredRepair {
  enum class What { kRetryDocuments, kSetTime, kMerge };
  What what = What::kRetryDocuments;
  Jid thread{};  // of the latter two
};
std::int64_t repair_stored(Database& database, const StoredRepair& repair);

// What came of a document that was offered again.
RepairOutcome outcome_of(Database& database, const RetryDocument& document);

}  // namespace wasync::diagnosis
