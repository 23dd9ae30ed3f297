#include "service/api_status.h"

#include <algorithm>

namespace wasync {
namespace {

std::string_view mode_of(const ServiceState& state) {
  return state.active ? "active" : "passive";
}

std::int64_t uptime_of(const ServiceState& state, UnixSeconds now) {
  return state.started_at.known() ? std::max<std::int64_t>(0, now.value - state.started_at.value)
                                  : 0;
}

OrderedJson dashboard_account(const RunningAccount& account) {
  const UploadState& upload = account.upload;
  return {{"accountId", account.id.str()},
          {"status", account.status},
          {"holds", account.holds},
          {"holder", account.holder},
          {"connectedSince", time_json(account.connected_since)},
          {"lastSeen", time_json(account.last_server_traffic)},
          {"lastMessageAt", time_json(account.last_message)},
          {"reconnectCount", account.counters.reconnects},
          {"needsQR", account.status == "needs_qr" || account.status == "logged_out"},
          {"upload",
           {{"written", upload.written},
            {"queued", upload.queued},
            {"setAside", upload.set_aside},
            {"trouble", upload.trouble.empty() ? OrderedJson() : OrderedJson(upload.trouble)}}}};
}

// "connected" and so on are there also when there is none.
OrderedJson summary_of(const ServiceState& state) {
  OrderedJson summary = {{"connected", 0}, {"connecting", 0}, {"disconnected", 0}, {"needs_qr", 0}};
  for (const RunningAccount& account : state.accounts) {
    OrderedJson& count = summary[account.status];
    count = count.is_number() ? count.get<int>() + 1 : 1;
  }
  summary["total"] = state.accounts.size();
  return summary;
}

}  // namespace

HttpReply health_reply(const ServiceState& state, std::string_view version, UnixSeconds now) {
  return json_reply(200, {{"ok", true},
                          {"status", "healthy"},
                          {"version", version},
                          {"uptime", uptime_of(state, now)},
                          {"timestamp", time_json(now)}});
}

HttpReply ready_reply(const ServiceState& state) {
  return json_reply(
      state.ready ? 200 : 503,
      {{"ready", state.ready}, {"mode", mode_of(state)}, {"instanceId", state.instance_id}});
}

HttpReply diag_reply(const ServiceState& state) {
  UnixSeconds latest;
  for (const RunningAccount& account : state.accounts)
    latest = std::max(latest, account.last_message);
  return json_reply(200, {{"ready", state.ready},
                          {"mode", mode_of(state)},
                          {"instanceId", state.instance_id},
                          {"firestoreConnected", state.firestore_connected},
                          {"latestRealtime", time_json(latest)}});
}

HttpReply dashboard_reply(const ServiceState& state, std::string_view version, UnixSeconds now) {
  OrderedJson accounts = OrderedJson::array();
  for (const RunningAccount& account : state.accounts)
    accounts.push_back(dashboard_account(account));
  return json_reply(200, {{"timestamp", time_json(now)},
                          {"service",
                           {{"status", state.ready ? "healthy" : "not_ready"},
                            {"uptime", uptime_of(state, now)},
                            {"version", version},
                            {"mode", mode_of(state)},
                            {"instanceId", state.instance_id}}},
                          {"storage", {{"totalAccounts", state.accounts.size()}}},
                          {"accounts", std::move(accounts)},
                          {"summary", summary_of(state)}});
}

std::optional<BackfillStart> backfill_obstacle(const ServiceState& state,
                                               const AccountId& account) {
  using Result = BackfillStart::Result;
  const auto found = std::ranges::find(state.accounts, account, &RunningAccount::id);
  if (found == state.accounts.end()) return BackfillStart{.result = Result::kUnknownAccount};
  if (!found->holds && !found->holder.empty()) return BackfillStart{.result = Result::kPassive};
  if (found->status != "connected")
    return BackfillStart{.result = Result::kInvalidState, .status = found->status};
  return std::nullopt;
}

HttpReply backfill_reply(const AccountId& account, const BackfillStart& start) {
  const auto told = [&](std::string_view otherwise) {
    return start.message.empty() ? std::string(otherwise) : start.message;
  };
  switch (start.result) {
    case BackfillStart::Result::kStarted:
      return json_reply(200, {{"success", true},
                              {"message", told("Backfill started (runs asynchronously)")},
                              {"accountId", account.str()}});
    case BackfillStart::Result::kUnknownAccount:
      return error_reply(404, "account_not_found", told("there is no such account here"));
    case BackfillStart::Result::kInvalidState:
      return json_reply(409, {{"success", false},
                              {"error", "invalid_state"},
                              {"message", told("the account is not connected")},
                              {"currentStatus", start.status},
                              {"accountId", account.str()}});
    case BackfillStart::Result::kPassive: break;
  }
  return json_reply(503, {{"success", false},
                          {"error", "passive"},
                          {"message", told("another instance has the account")},
                          {"mode", "passive"},
                          {"accountId", account.str()}});
}

}  // namespace wasync
