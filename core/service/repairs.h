// `diagnose --fix`, without its words: plans the repairs of all accounts, and does them.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "diagnose/repair.h"
#include "diagnose/verdict.h"
#include "firestore/inbox.h"
#include "inbox/state_dir.h"

namespace wasync {

struct RepairSite {
  StateDir state;
  std::optional<FirestoreInbox> inbox{};  // nothing: SQLite alone
  // For each answer of Firestore or of a listener, and for documents to be sent.
  std::chrono::milliseconds patience{10'000};
};

// Looks only, at the accounts of `seen`. What cannot be looked at is in the plan.
diagnosis::RepairPlan plan_repairs(const RepairSite& site, const diagnosis::Diagnosis& seen);

// One after the other; what goes wrong with one is its outcome. Throws Error(kHeldElsewhere),
// before anything is done, when another command has an account that is to be repaired here.
void do_repairs(const RepairSite& site, const diagnosis::Diagnosis& seen,
                const diagnosis::RepairPlan& plan,
                const std::function<void(std::size_t, const diagnosis::RepairOutcome&)>& tell);

}  // namespace wasync
