// What `diagnose --fix` can put right, and no more than that:
//
//   - documents that Firestore refused are offered to it again;
//   - a thread without lastMessageAt gets the time of its newest message;
//   - of a person's two threads, the LID's one is made to point to the phone's.
//
// Repairs are planned by looking only, and done one by one. Each is safe by itself, and finds out
// anew whether it is still to be done: it may be done twice, or not at all, and the process may end
// between any two. Whatever another writer does meanwhile wins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "inbox/dirty.h"
#include "inbox/ids.h"

namespace wasync::diagnosis {

struct RetryDocument {
  DirtyKind kind = DirtyKind::kMessage;
  std::int64_t row = 0;
  std::string error{};  // of its last refusal
  std::int64_t refusals = 1;
};

struct SetTime {
  bool in_firestore = false;  // else in the account's file
  UnixSeconds time{};         // as it was when it was looked at
};

struct Redirect {
  bool in_firestore = false;
  std::string into{};         // the thread it is to point to, "threads/ID"
  std::int64_t messages = 0;  // of the one that is to point
};

struct Repair {
  AccountId account;
  std::string document{};  // "threads/ID", "threads/ID/messages/ID", "contacts/ID"
  std::variant<RetryDocument, SetTime, Redirect> work{};
};
// Stable: "retry_document", "set_last_message_at", "redirect_duplicate".
std::string_view name(const Repair& repair);

// What is wrong, and is nobody's to decide but a person's.
enum class LeftBecause {
  kMangledId,        // "[object Object]" in the id: whose it is cannot be told
  kNoMessage,        // a thread without a time has no message either
  kImplausibleTime,  // its newest message has a time that cannot be
  kNotOnePerson,     // WhatsApp has not told this host that the two are one person
  kNoOtherThread,    // the phone's thread is not there, or points elsewhere itself
  kCount,
};
std::string_view name(LeftBecause why);  // "no_message"

struct LeftAlone {
  AccountId account;
  std::string document{};
  LeftBecause why{};
  bool undated = false;  // so that the app's query passes over it
};

// An account, or its part in Firestore, that could not be looked at.
struct NotPlanned {
  AccountId account;
  std::string why{};
};

struct RepairPlan {
  std::vector<Repair> repairs{};
  std::vector<LeftAlone> left{};
  std::vector<NotPlanned> not_planned{};
  std::int64_t firestore_reads = 0;  // documents that Google counts
};

enum class RepairEnd {
  kDone,
  kSent,     // of a document: Firestore has it now
  kQueued,   // of a document: it is in the queue
  kAlready,  // somebody else was faster, or it is not to be done any more
  kFailed,
};

struct RepairOutcome {
  RepairEnd end = RepairEnd::kFailed;
  std::int64_t copied = 0;  // messages
  std::string error{};      // of a failed one
  std::int64_t firestore_reads = 0;
  bool done() const { return end != RepairEnd::kFailed; }
};

}  // namespace wasync::diagnosis
