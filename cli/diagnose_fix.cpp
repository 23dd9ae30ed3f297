#include "cli/diagnose_fix.h"

#include "cli/question.h"

namespace wasync {
namespace {

using diagnosis::RepairOutcome;
using diagnosis::RepairPlan;

bool wanted(const Console& console, const RepairPlan& plan, bool yes, const std::string& command) {
  if (yes) return true;
  if (!console.json && can_ask(console)) {
    const auto count = static_cast<std::int64_t>(plan.repairs.size());
    if (ask(count == 1
                ? console.say({"Do this repair? [y/N]", "Fac această reparație? [d/N]"})
                : console.say({"Do these {} repairs? [y/N]", "Fac aceste {} reparații? [d/N]"},
                              grouped(count))))
      return true;
    console.note(console.say({"Nothing was changed.", "Nu s-a schimbat nimic."}) + "\n");
    return false;
  }
  console.note(console.say({"Nothing was changed. This does the repairs: {}",
                            "Nu s-a schimbat nimic. Reparațiile le face: {}"},
                           command));
  return false;
}

}  // namespace

Repairs repair(const Console& console, const RepairView& view, const RepairSite& site,
               const diagnosis::Diagnosis& seen, bool yes, const std::string& command) {
  Repairs out{.plan = plan_repairs(site, seen)};
  out.outcomes.resize(out.plan.repairs.size());
  if (!console.json) console.out(repair_plan_text(view, out.plan));
  if (out.plan.repairs.empty() || !wanted(console, out.plan, yes, command)) return out;
  out.tried = true;
  do_repairs(site, seen, out.plan, [&](std::size_t at, const RepairOutcome& outcome) {
    out.outcomes[at] = outcome;
    if (!console.json) console.out(repair_outcome_text(view, out.plan, at, outcome));
  });
  if (!console.json) console.out("\n");
  return out;
}

}  // namespace wasync
