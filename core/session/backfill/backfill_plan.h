// The threads that a backfill fills.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inbox/ids.h"
#include "inbox/queries.h"

namespace wasync {

class Database;

struct BackfillChoice {
  std::vector<ThreadId> threads{};       // empty: the newest
  std::optional<std::size_t> most = 50;  // how many of the newest; nothing: all
  bool force = false;                    // also those known to have nothing older
};

struct PlannedThread {
  ThreadId thread;
  bool exhausted = false;  // chosen by name, but known to have nothing older: we do not ask
  bool has_anchor = true;
  bool unanswered = false;               // the last request got no answer
  bool adopted = false;                  // another host may have put older messages into the Inbox
  std::vector<Anchor> held_elsewhere{};  // such messages, oldest first
};

struct BackfillPlan {
  std::vector<PlannedThread> threads{};  // the newest first, or as they were named
  std::int64_t existing = 0;             // all threads that can be filled
  std::int64_t skipped = 0;              // known to have nothing older
  bool scheduled = false;                // run by a schedule: see Backfill::run
};

// False for threads merged into others, broadcast lists and channels: the phone does not answer for
// them.
bool can_be_filled(const ThreadListing& thread);

// Plans only threads that can be filled. Among the newest, those whose last request got no answer
// come last, so that a few threads that the phone does not know never keep the others waiting.
BackfillPlan plan_backfill(Database& database, const BackfillChoice& choice);

}  // namespace wasync
