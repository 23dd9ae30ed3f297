// A diagnosis for others than the command of that name.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/console.h"
#include "cli/options.h"
#include "inbox/ids.h"

namespace wasync {

// What `diagnose --json --account ID` prints. May be called on any thread; looks for some seconds
// at most.
nlohmann::ordered_json account_diagnosis(const Console& console, const GlobalOptions& global,
                                         const AccountId& account);

}  // namespace wasync
