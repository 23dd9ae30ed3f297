// The one place that says how the process ends.
#pragma once

#include "base/error.h"

namespace wasync {

// Part of the command line's contract; documented in wa-sync(1).
enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kNotPaired = 3,
  kWhatsApp = 4,   // not reachable, or it refused us
  kFirestore = 5,  // not reachable, or it refused us
  kTimedOut = 6,
  kHeldElsewhere = 7,
  kNothingToDo = 8,
};

ExitCode exit_code(ErrorCode code);

}  // namespace wasync
