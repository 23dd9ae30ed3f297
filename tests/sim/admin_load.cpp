#include <nlohmann/json.hpp>

#include "sim/admin_route.h"
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
  world.load->begin(options);
  return progress(world, question);
}

const std::vector<Route>& routes() {
  static const std::vector<Route> table{
      {"POST", "/admin/load", begin},
      {"GET", "/admin/load", progress},
  };
  return table;
}

}  // namespace

HttpAnswer answer_admin_load(World& world, const HttpQuestion& question) {
  return dispatch(routes(), world, question);
}

}  // namespace wasync::sim
