#include "sim/admin.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "sim/admin_route.h"
#include "sim/client_messages.h"
#include "sim/client_session.h"
#include "sim/expected_inbox.h"
#include "sim/iq.h"
#include "sim/load.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

Json node_json(const Node& node) {
  Json json = {{"tag", node.tag}};
  for (const auto& [key, value] : node.attributes) json[key] = node.text(key);
  for (const Node& child : node.children()) {
    Json entry = {{"tag", child.tag}};
    for (const auto& [key, value] : child.attributes) entry[key] = child.text(key);
    if (child.tag == "list")
      for (const Node& item : child.children()) entry["ids"].push_back(item.text("id"));
    json["children"].push_back(std::move(entry));
  }
  return json;
}

HttpAnswer receipts(World& world, const HttpQuestion&) {
  Json json = {{"receipts", Json::array()}, {"acks", Json::array()}, {"messages", Json::array()}};
  for (const Node& node : world.journal.receipts) json["receipts"].push_back(node_json(node));
  for (const Node& node : world.journal.acks) json["acks"].push_back(node_json(node));
  for (const Node& node : world.journal.messages) json["messages"].push_back(node_json(node));
  json["delivered"] = Json::array();
  for (const DeliveredMessage& message : world.journal.delivered)
    json["delivered"].push_back({{"id", message.id}, {"to", message.to}, {"text", message.text}});
  json["history_requests"] = Json::array();
  for (const HistoryRequest& request : world.journal.history_requests)
    json["history_requests"].push_back({{"id", request.id},
                                        {"chat", request.chat},
                                        {"anchor", request.anchor},
                                        {"anchor_time", request.anchor_time},
                                        {"count", request.count},
                                        {"understood", request.understood}});
  json["placeholder_chats"] = world.journal.placeholder_chats;
  return json_answer(json);
}

HttpAnswer state(World& world, const HttpQuestion&) {
  Json companions = Json::array();
  for (const auto& [number, companion] : world.companions)
    companions.push_back({{"jid", world.companion_jid(*companion).to_string()},
                          {"lid", world.companion_lid(*companion).to_string()},
                          {"active", companion->active != nullptr},
                          {"pre_keys", companion->pre_keys.size()},
                          {"app_state_keys_sent", companion->app_state_keys_sent},
                          {"history_sent", companion->history_sent},
                          {"refused", companion->refused.size()},
                          {"pending", companion->pending.size()}});
  Json app_state = Json::array();
  for (const AppStateQuery& query : world.journal.app_state_queries)
    app_state.push_back({{"collection", query.collection},
                         {"version", query.version},
                         {"snapshot", query.snapshot}});
  return json_answer({{"phone", "+" + world.dataset.owner.phone},
                      {"lid", world.dataset.owner.lid},
                      {"users", world.service.users.size()},
                      {"companions", companions},
                      {"connections", world.journal.connections},
                      {"open_connections", world.sessions.size()},
                      {"waiting_for_scan", !world.service.waiting.empty()},
                      {"logins", world.journal.logins},
                      {"unified_sessions", world.journal.unified_sessions},
                      {"offline_batches", world.journal.offline_batches},
                      {"queries", world.journal.queries},
                      {"history_chunks", world.journal.history_chunks},
                      {"web_version", world.journal.web_version},
                      {"history_bytes", world.journal.history_bytes},
                      {"app_state_queries", app_state},
                      {"media_auth", world.media.auth},
                      {"blobs", world.media.size()},
                      {"blob_bytes", world.media.bytes_put},
                      {"blob_bytes_sent", world.media.bytes_sent},
                      {"blobs_fetched", world.media.fetched},
                      {"blobs_deleted", world.media.deleted},
                      {"blobs_held", world.media.held},
                      {"unknown_queries", world.journal.unknown_queries},
                      {"complaints", world.journal.complaints}});
}

HttpAnswer faults(World& world, const HttpQuestion&) {
  Json known = Json::object();
  for (const FaultDescription& fault : known_faults())
    known[std::string(fault.name)] = std::string(fault.effect);
  Json on = Json::object();
  for (const auto& [name, value] : world.faults.all()) on[name] = value;
  return json_answer({{"on", on}, {"known", known}});
}

// What waited for the end of a fault goes out now.
void release_held(World& world) {
  if (!world.faults.on("phone-offline")) {
    for (const auto& [device, message] : std::exchange(world.phone_mail, {})) {
      const auto companion = world.companions.find(device);
      if (companion != world.companions.end())
        receive_client_message(world, *companion->second, message);
    }
  }
  if (!world.faults.on("hold-app-state")) {
    for (const auto& [device, iq] : std::exchange(world.held_queries, {})) {
      const auto companion = world.companions.find(device);
      if (companion != world.companions.end() && companion->second->active != nullptr)
        companion->second->active->push(answer_iq(world, companion->second.get(), iq));
    }
  }
}

HttpAnswer set_fault(World& world, const HttpQuestion& question) {
  std::string fault = question.body;
  while (!fault.empty() && (fault.back() == '\n' || fault.back() == ' ')) fault.pop_back();
  world.faults.set(fault);
  for (const auto& user : world.service.users) release_held(*user);
  for (ClientSession* session : world.sessions)
    if (Companion* companion = session->companion()) send_history(session->world(), *companion);
  return faults(world, question);
}

// From now on, as clients see it.
HttpAnswer set_clock(World&, const HttpQuestion& question) {
  std::string_view digits = question.body;
  const auto ahead = take_number<std::int64_t>(digits);
  if (!ahead || !digits.empty()) throw Error(ErrorCode::kUsage, "not a number of seconds");
  learn_time({UnixSeconds::of_host().value + *ahead});
  return json_answer({{"now", UnixSeconds::now().value}});
}

HttpAnswer drop(World& world, const HttpQuestion&) {
  const std::size_t count = world.sessions.size();
  for (ClientSession* session : world.sessions) session->drop();
  return json_answer({{"dropped", count}});
}

HttpAnswer dataset(World& world, const HttpQuestion& question) {
  ExpectedOptions options;
  options.messages = question.query.find("messages=no") == std::string::npos;
  options.older = question.query.find("older=yes") != std::string::npos;
  options.app_state = question.query.find("app_state=no") == std::string::npos;
  HttpAnswer answer;
  answer.body =
      expected_inbox_json(world.dataset, options, world.load ? world.load->live() : LiveMessages{});
  return answer;
}

// Whom the call is about: user=N in the query, else the first.
World* asked_user(const Service& service, std::string_view query) {
  constexpr std::string_view kUser = "user=";
  const std::size_t at = query.find(kUser);
  if (at == std::string_view::npos) return service.users.front().get();
  std::string_view digits = query.substr(at + kUser.size());
  const std::size_t number = take_number<std::size_t>(digits).value_or(0);
  return number < service.users.size() ? service.users[number].get() : nullptr;
}

const std::vector<Route>& routes() {
  static const std::vector<Route> table{
      {"POST", "/admin/fault", set_fault},  {"POST", "/admin/clock", set_clock},
      {"POST", "/admin/drop", drop},        {"GET", "/admin/state", state},
      {"GET", "/admin/receipts", receipts}, {"GET", "/admin/faults", faults},
      {"GET", "/admin/dataset", dataset},   {"GET", "/admin/secrets", answer_secrets},
  };
  return table;
}

}  // namespace

HttpAnswer answer_admin(World& first, const HttpQuestion& question) {
  World* user = asked_user(first.service, question.query);
  if (user == nullptr) return json_answer({{"error", "no such user"}}, 404);
  World& world = *user;
  if (question.path.starts_with("/admin/mock-phone/")) return answer_mock_phone(world, question);
  if (question.path.starts_with("/admin/load")) return answer_admin_load(world, question);
  if (question.path.starts_with("/admin/group")) return answer_admin_group(world, question);
  return dispatch(routes(), world, question);
}

}  // namespace wasync::sim
