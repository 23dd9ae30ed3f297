// Repairs of an account's file. The process that has the account does them: wa-sync asks a running
// `listen` over the control socket (control.h), or takes the account for the moment when nobody has
// it.
//
//   {"request":"repair", "what":"merge", "thread":"123@lid"}
//   {"event":"repaired", "changed":1, "end":true}
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "diagnose/repair_stored.h"
#include "inbox/state_dir.h"

namespace wasync {

nlohmann::ordered_json to_json(const diagnosis::StoredRepair& repair);
// Throws Error(kUsage) when it is malformed.
diagnosis::StoredRepair stored_repair_from(const nlohmann::ordered_json& json);

enum class RepairedBy { kListener, kUs };

// Throws Error(kHeldElsewhere) when another command has the account.
void check_repairable(const StateDir& state, const AccountId& id,
                      std::chrono::milliseconds patience);

// `while_ours` is called after the repair, before the account is let go, where we took it. Throws
// Error(kHeldElsewhere), and what ask_holder does.
RepairedBy repair_account(const StateDir& state, const AccountId& id,
                          const diagnosis::StoredRepair& repair, std::chrono::milliseconds patience,
                          std::int64_t& changed, const std::function<void()>& while_ours = {});

}  // namespace wasync
