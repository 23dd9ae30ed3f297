// `diagnose --fix`: what can be repaired, shown, asked for, and done.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "cli/console.h"
#include "cli/repair_view.h"
#include "service/repairs.h"

namespace wasync {

struct Repairs {
  diagnosis::RepairPlan plan{};
  std::vector<std::optional<diagnosis::RepairOutcome>> outcomes{};  // by repair
  bool tried = false;  // anything: it is worth looking again
};

// Tells people of it as it goes, unless the console wants JSON. `command` does without asking what
// was not done. Throws what do_repairs does.
Repairs repair(const Console& console, const RepairView& view, const RepairSite& site,
               const diagnosis::Diagnosis& seen, bool yes, const std::string& command);

}  // namespace wasync
