// A backfill over the control socket, and as events for scripts: requests and events as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "session/backfill/backfill.h"

namespace wasync {

struct BackfillRequest {
  BackfillChoice choice{};
  BackfillLimits limits{};
};

// {"request":"backfill", "threads":[…], "most":50, "count":100, "force":false,
//  "in_flight":1, "timeout_ms":300000}
nlohmann::ordered_json to_json(const BackfillRequest& request);
// Throws Error(kUsage) when it is malformed.
BackfillRequest backfill_request_from(const nlohmann::ordered_json& json);

// {"event":"thread", …}
nlohmann::ordered_json to_json(const BackfillEvent& event);
// Nothing for what is no such event.
std::optional<BackfillEvent> backfill_event_from(const nlohmann::ordered_json& json);

}  // namespace wasync
