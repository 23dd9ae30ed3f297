#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sim/admin_route.h"
#include "sim/group.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

std::vector<World*> users_in(const Service& service, const Json& numbers) {
  std::vector<World*> users;
  for (const Json& number : numbers) {
    if (number.get<std::size_t>() >= service.users.size())
      throw Error(ErrorCode::kProtocol, "no such user");
    users.push_back(service.users[number.get<std::size_t>()].get());
  }
  return users;
}

HttpAnswer create(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  const Group& group = make_group(world.service, asked.at("subject").get<std::string>(),
                                  asked.value("addressing", std::string("pn")) == "lid",
                                  users_in(world.service, asked.at("members")));
  return json_answer({{"jid", group.jid.to_string()}});
}

HttpAnswer change_members(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  const auto group = world.service.groups.find(asked.at("group").get<std::string>());
  if (group == world.service.groups.end()) return json_answer({{"error", "no such group"}}, 404);
  for (World* user : users_in(world.service, asked.value("add", Json::array())))
    add_member(group->second, *user);
  for (World* user : users_in(world.service, asked.value("remove", Json::array())))
    remove_member(group->second, *user);
  return json_answer({{"members", group->second.members.size()}});
}

const std::vector<Route>& group_route_table() {
  static const std::vector<Route> table{
      {"POST", "/admin/group", create},
      {"POST", "/admin/group-members", change_members},
  };
  return table;
}

}  // namespace

HttpAnswer answer_admin_group(World& world, const HttpQuestion& question) {
  return dispatch(group_route_table(), world, question);
}

}  // namespace wasync::sim
