#include <nlohmann/json.hpp>

#include "sim/admin_route.h"
#include "sim/client_session.h"
#include "sim/load.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

HttpAnswer progress(World& world, const HttpQuestion&) {
  Json pending = Json::array();
  for (const auto& [number, companion] : world.companions)
    pending.push_back(companion->pending.size());
  return json_answer({{"sent", world.load ? world.load->sent() : 0},
                      {"left", world.load ? world.load->left() : 0},
                      {"prepared", world.load && world.load->is_prepared()},
                      {"pending", pending}});
}

HttpAnswer begin(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  if (!world.load) world.load = std::make_unique<Load>(world);
  if (asked.value("everybody", false)) {
    world.load->everybody();
    return progress(world, question);
  }
  LoadOptions options;
  options.messages = asked.at("messages").get<std::size_t>();
  options.rate = asked.value("rate", options.rate);
  options.seed = asked.value("seed", options.seed);
  options.window = asked.value("window", options.window);
  options.prepared = asked.value("prepared", options.prepared);
  world.load->begin(options);
  return progress(world, question);
}

HttpAnswer release(World& world, const HttpQuestion& question) {
  if (world.load) world.load->release();
  return progress(world, question);
}

// To each companion that is connected.
HttpAnswer ping(World& world, const HttpQuestion&) {
  std::size_t count = 0;
  for (const auto& [number, companion] : world.companions) {
    if (companion->active == nullptr) continue;
    const std::string id = world.next_stanza_id();
    world.ping_times.sent(id);
    companion->active->push(Node(
        "iq", {{"from", server_jid()}, {"type", "get"}, {"xmlns", "urn:xmpp:ping"}, {"id", id}}));
    ++count;
  }
  return json_answer({{"sent", count}});
}

HttpAnswer take_answer_times(World& world, const HttpQuestion&) {
  return json_answer(
      {{"messages_us", world.message_times.take()}, {"pings_us", world.ping_times.take()}});
}

const std::vector<Route>& load_route_table() {
  static const std::vector<Route> table{
      {"POST", "/admin/load", begin},
      {"GET", "/admin/load", progress},
      {"POST", "/admin/load/release", release},
      {"POST", "/admin/load/ping", ping},
      {"POST", "/admin/load/answer-times", take_answer_times},
  };
  return table;
}

}  // namespace

HttpAnswer answer_admin_load(World& world, const HttpQuestion& question) {
  return dispatch(load_route_table(), world, question);
}

}  // namespace wasync::sim
