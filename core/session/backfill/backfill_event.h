// The events that a backfill reports while it runs, in the words of its result.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/phrase.h"
#include "inbox/ids.h"

namespace wasync {

enum class BackfillOutcome {
  kFilled,     // there may be more: a later run goes on
  kExhausted,  // the phone has nothing older that it would give us
  kNoAnchor,   // the thread has no message to ask from
  kNoAnswer,   // the phone does not answer requests about it
  kError,      // the phone answered, but we cannot get the answer
};
std::string_view name(BackfillOutcome outcome);  // "filled", "exhausted", "no_anchor", …

namespace backfill_event {

struct Start {
  std::int64_t threads = 0;  // to fill
  std::int64_t skipped = 0;  // not among them: known to have nothing older
};
struct Thread {
  ThreadId thread;
  BackfillOutcome result = BackfillOutcome::kFilled;
  std::int64_t messages = 0;  // new ones
  Words why{};                // of an error
};
// The connection broke. We are connecting again; then the job continues.
struct Reconnecting {};
struct Done {
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t errors = 0;
};

}  // namespace backfill_event

using BackfillEvent = std::variant<backfill_event::Start, backfill_event::Thread,
                                   backfill_event::Reconnecting, backfill_event::Done>;

}  // namespace wasync
