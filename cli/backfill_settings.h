// What the environment says of backfills, in the variables of the backend that used these accounts
// before us. Each throws Error(kConfig) for a value that makes no sense.
#pragma once

#include <cstddef>

#include "service/backfill_schedule.h"

namespace wasync {

std::size_t backfill_threads();
std::size_t backfill_count();  // messages for each
AutoBackfillOptions auto_backfill();

}  // namespace wasync
