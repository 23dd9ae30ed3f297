// What `diagnose --fix` can repair, and no more than that:
//
//   - it offers documents that Firestore refused to Firestore again;
//   - it gives a thread without lastMessageAt the time of its newest message;
//   - if a person has two threads, it makes the LID's thread point to the phone's.
//
// Planning only looks. Then the repairs run one by one. Each is safe by itself and first checks
// whether it is still necessary: it may run twice, or not at all, and the process may end between
// any two. What another writer does meanwhile wins.
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
  UnixSeconds time{};         // as planning saw it
};

struct Redirect {
  bool in_firestore = false;
  std::string into{};         // the phone's thread, "threads/ID"
  std::int64_t messages = 0;  // of the LID's thread
};

struct Repair {
  AccountId account;
  std::string document{};  // "threads/ID", "threads/ID/messages/ID", "contacts/ID"
  std::variant<RetryDocument, SetTime, Redirect> work{};
};
// Stable: "retry_document", "set_last_message_at", "redirect_duplicate".
std::string_view name(const Repair& repair);

// Why a repair leaves something wrong alone: a person must decide.
enum class LeftBecause {
  kMangledId,        // "[object Object]" in the id: it does not say who the thread is with
  kNoMessage,        // a thread without a time has no message either
  kImplausibleTime,  // its newest message has a time that is impossible
  kNotOnePerson,     // WhatsApp has not told this host that the two are one person
  kNoOtherThread,    // the phone's thread is missing, or points elsewhere itself
  kCount,
};
std::string_view name(LeftBecause why);  // "no_message"

struct LeftAlone {
  AccountId account;
  std::string document{};
  LeftBecause why{};
  bool undated = false;  // the app's query skips it
};

// An account, or its part in Firestore, that planning could not look at.
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
  kAlready,  // another writer was faster, or it is no longer necessary
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
