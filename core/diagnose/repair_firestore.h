// The repairs of what Firestore holds. Their writes are conditional: when another writer changes a
// document between look and write, the repair looks again, and what the document then says wins. So
// the account's lease does not matter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/sqlite.h"
#include "diagnose/repair.h"
#include "firestore/client.h"

namespace wasync::diagnosis {

// What the repairs need; all of it outlives the call.
struct FirestoreSite {
  firestore::Client& client;
  Database& database;   // the account's file, for reading
  std::int64_t& reads;  // rises with every answer by the reads that Google counts
  UnixSeconds now{};
};

// Goes once through all threads of the account, in pages. Throws FailedRequest and other Errors;
// the plan then has what it found before that.
void plan_firestore(FirestoreSite& site, const AccountId& account, RepairPlan& plan);

// Each throws FailedRequest and other Errors.
RepairOutcome set_time(FirestoreSite& site, const Repair& repair);
// Copies the messages that the phone's thread lacks, then makes the LID's thread point to it.
// Messages that are there keep what they say; it deletes nothing.
RepairOutcome redirect(FirestoreSite& site, const Repair& repair);

// Private to the repairs.

// Thread documents with the fields that repairs look at; nothing for one that is missing.
std::vector<std::optional<firestore::Document>> read_threads(FirestoreSite& site,
                                                             std::span<const std::string> paths);
std::vector<std::string> thread_fields();
// Whether the app's query skips it.
bool is_undated(const firestore::Document& thread);
// Whether it points to another thread, by either of the fields that the app reads.
bool points_elsewhere(const firestore::Document& thread);
// Whether the app hides it: it redirects, or a user has hidden or archived it.
bool is_out_of_sight(const firestore::Document& thread);
// Whether a write failed because the document had changed.
bool changed_meanwhile(const firestore::FailedRequest& error);
inline constexpr int kMostTries = 5;

// The newest message of a thread, or the thread's time from another source.
struct Newest {
  std::int64_t time_ms = 0;  // 0: nothing is known
  bool implausible = false;  // there is a time, but an impossible one
  firestore::Fields message{};
};
Newest newest_of(FirestoreSite& site, const firestore::Document& thread);
// lastMessageAt and lastMessageAtMs.
void add_time(firestore::DocumentWrite& write, std::int64_t time_ms);

}  // namespace wasync::diagnosis
