// The API's answers about the service itself. The first three are for everybody, and tell nothing
// about accounts.
#pragma once

#include <optional>
#include <string_view>

#include "service/api_json.h"
#include "service/http_message.h"
#include "service/service_view.h"

namespace wasync {

// 200 as long as the process answers at all.
HttpReply health_reply(const ServiceState& state, std::string_view version, UnixSeconds now);
// {ready, mode, instanceId}: 503 while it is not ready, so that monitors need not read it.
HttpReply ready_reply(const ServiceState& state);
// Always 200. `latestRealtime` is the time of the last message, of any account.
HttpReply diag_reply(const ServiceState& state);
// Of every account that runs, and how many there are of each status.
HttpReply dashboard_reply(const ServiceState& state, std::string_view version, UnixSeconds now);

// Why a backfill of the account cannot start; nothing when it can.
std::optional<BackfillStart> backfill_obstacle(const ServiceState& state, const AccountId& account);
HttpReply backfill_reply(const AccountId& account, const BackfillStart& start);

}  // namespace wasync
