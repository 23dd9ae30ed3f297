// The repairs of `diagnose --fix` as people and scripts read them. Numbers of phones are masked
// unless all is asked for.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "diagnose/repair.h"

namespace wasync {

// How many repairs of each kind a terminal or a text shows; --json has all.
inline constexpr std::size_t kRepairsShown = 20;

struct RepairView {
  Language language = Language::kEnglish;
  term::Style style{};
  bool verbose = false;  // whole phone numbers
  bool utf8 = true;
  bool several_accounts = false;
  std::optional<int> columns{};  // of a terminal; nothing: a pipe, where nothing is wrapped
};

// The repairs, what wa-sync leaves alone, and what it cost to look.
std::string repair_plan_text(const RepairView& view, const diagnosis::RepairPlan& plan);
// A line; empty for one that the plan's text did not show and that went well.
std::string repair_outcome_text(const RepairView& view, const diagnosis::RepairPlan& plan,
                                std::size_t repair, const diagnosis::RepairOutcome& outcome);

// {repairs: [{kind, account, thread or document, detail, done, error}], left_alone, not_looked_at,
// repair_reads}. `outcomes` by repair; nothing: it was not tried.
nlohmann::ordered_json repairs_json(
    const RepairView& view, const diagnosis::RepairPlan& plan,
    const std::vector<std::optional<diagnosis::RepairOutcome>>& outcomes);

}  // namespace wasync
