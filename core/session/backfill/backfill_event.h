// What a backfill tells while it runs, in the words of its result.
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
  kNoAnchor,   // there is no message from which to ask
  kNoAnswer,   // the phone does not answer requests about it
  kError,      // it answered, and the answer cannot be had
};
std::string_view name(BackfillOutcome outcome);  // "filled", "exhausted", "no_anchor", …

namespace backfill_event {

struct Start {
  std::int64_t threads = 0;  // to be looked after
  std::int64_t skipped = 0;  // beside them: known to have nothing older
};
struct Thread {
  ThreadId thread;
  BackfillOutcome result = BackfillOutcome::kFilled;
  std::int64_t messages = 0;  // that were new
  Words why{};                // of an error
};
// The connection broke and is being made again; the job goes on then.
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
