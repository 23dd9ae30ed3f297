// Which threads a backfill looks after.
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
  std::optional<std::size_t> most = 50;  // of the newest; nothing: all
  bool force = false;                    // also those known to have nothing older
};

struct PlannedThread {
  ThreadId thread;
  bool exhausted = false;  // chosen by name, and known to have nothing older: it is not asked for
  bool has_anchor = true;
  bool unanswered = false;               // what was asked last
  bool adopted = false;                  // another host may have put older messages into the Inbox
  std::vector<Anchor> held_elsewhere{};  // such messages, oldest first
};

struct BackfillPlan {
  std::vector<PlannedThread> threads{};  // the newest first, or as they were named
  std::int64_t existing = 0;             // threads there are at all
  std::int64_t skipped = 0;              // known to have nothing older
  bool scheduled = false;                // nobody asked for it: see Backfill::run
};

// Not threads that were merged into others, broadcast lists and channels: the phone does not answer
// for them.
bool can_be_filled(const ThreadListing& thread);

// Of those that can be filled. Of the newest, those whose last request went unanswered come last,
// so that a few of which the phone does not speak never keep the others from their turn.
BackfillPlan plan_backfill(Database& database, const BackfillChoice& choice);

}  // namespace wasync
