// The repairs of what Firestore holds. They are conditional: a document that somebody else changes
// between look and write is looked at again, and what it says by then wins. So whoever has the
// account's lease does not matter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/sqlite.h"
#include "diagnose/repair.h"
#include "firestore/client.h"

namespace wasync::diagnosis {

// What they need; all of it outlives the call.
struct FirestoreSite {
  firestore::Client& client;
  Database& database;   // the account's file, for reading
  std::int64_t& reads;  // is raised with every answer, by what Google counts
  UnixSeconds now{};
};

// Goes once through all threads of the account, in pages. Throws FailedRequest and other Errors;
// what was found by then is in the plan.
void plan_firestore(FirestoreSite& site, const AccountId& account, RepairPlan& plan);

// Each throws FailedRequest and other Errors.
RepairOutcome set_time(FirestoreSite& site, const Repair& repair);
// Copies what the phone's thread lacks before the other one is made to point to it. Messages that
// are there keep what they say; nothing is deleted.
RepairOutcome redirect(FirestoreSite& site, const Repair& repair);

// Private to them.

// A thread document with what repairs look at; nothing when it is missing.
std::vector<std::optional<firestore::Document>> read_threads(FirestoreSite& site,
                                                             std::span<const std::string> paths);
std::vector<std::string> thread_fields();
// The app's query passes over it.
bool is_undated(const firestore::Document& thread);
// It points to another one, by either of the fields that the app looks at.
bool points_elsewhere(const firestore::Document& thread);
// The app shows neither it nor what is in it.
bool is_out_of_sight(const firestore::Document& thread);
// Of a write that found the document changed.
bool changed_meanwhile(const firestore::FailedRequest& error);
inline constexpr int kMostTries = 5;

// What is known of the newest message of a thread, or of its time from elsewhere.
struct Newest {
  std::int64_t time_ms = 0;  // 0: nothing is known
  bool implausible = false;  // there is a time, but it cannot be
  firestore::Fields message{};
};
Newest newest_of(FirestoreSite& site, const firestore::Document& thread);
// lastMessageAt and lastMessageAtMs.
void add_time(firestore::DocumentWrite& write, std::int64_t time_ms);

}  // namespace wasync::diagnosis
