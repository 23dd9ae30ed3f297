// What was not taken in because a bound was reached, counted in the account's file since it was
// made: a listener that starts again, and a diagnosis without one, know it too.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace wasync {

class Database;

// As stored: never change a number.
enum class LeftOut {
  kOfShare = 0,   // placeholders, waiting edits, reactions, sealed content: a share was used up
  kNotAsked = 1,  // messages whose sender was not asked again: likewise
};

// In the caller's transaction, with what it says. Has no effect when there is none.
void add_left_out(Database& database, LeftOut what, std::int64_t more, UnixSeconds now);

struct LeftOutCounts {
  std::int64_t of_share = 0;
  std::int64_t not_asked = 0;
  UnixSeconds last_at{};  // of either; unknown: never
};
LeftOutCounts left_out_counts(Database& database);

}  // namespace wasync
