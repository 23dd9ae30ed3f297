// A diagnosis for others than the command of that name.
#pragma once

#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/options.h"
#include "inbox/ids.h"

namespace wasync {

// What `diagnose --json --account ID` prints. May be called on any thread; looks for some seconds
// at most.
// A probe that hangs goes on afterwards.
nlohmann::ordered_json account_diagnosis(const Console& console, const GlobalOptions& global,
                                         const AccountId& account);

// What `diagnose --json` prints with these options. `threads_left`: a probe hangs, and the process
// must end by _exit().
struct DiagnosisReport {
  nlohmann::ordered_json json;
  bool threads_left = false;
};
DiagnosisReport diagnosis_report(const Console& console, const GlobalOptions& global);

}  // namespace wasync
