#include "sim/group.h"

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "sim/iq.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// A member under the group's kind of address, with the other one beside it.
Node participant_node(const Group& group, const World& user) {
  Node node("participant", {{"jid", group.address_of(user)}});
  if (group.by_lid)
    node.set("phone_number", user.owner_jid());
  else
    node.set("lid", user.owner_lid());
  if (&user == group.members.front()) node.set("type", std::string("superadmin"));
  return node;
}

void notify(const Group& group, World& to, const Node& change) {
  const World& maker = *group.members.front();
  Node notification("notification", {{"from", group.jid},
                                     {"type", "w:gp2"},
                                     {"id", to.next_stanza_id()},
                                     {"notify", maker.dataset.owner.push_name},
                                     {"participant", group.address_of(maker)},
                                     {"addressing_mode", group.by_lid ? "lid" : "pn"},
                                     {"t", std::to_string(UnixSeconds::now().value)}});
  notification.set(group.by_lid ? "participant_pn" : "participant_lid",
                   group.by_lid ? maker.owner_jid() : maker.owner_lid());
  notification.content = std::vector<Node>{change};
  for (const auto& [number, companion] : to.companions) to.deliver(*companion, notification);
}

}  // namespace

bool Group::has(const World& user) const {
  return std::find(members.begin(), members.end(), &user) != members.end();
}

Jid Group::address_of(const World& user) const {
  return by_lid ? user.owner_lid() : user.owner_jid();
}

Node group_node(const Group& group) {
  const World& maker = *group.members.front();
  const std::string created = std::to_string(group.created_at);
  std::vector<Node> participants;
  for (const World* member : group.members)
    participants.push_back(participant_node(group, *member));
  return with_children("group",
                       {{"id", group.jid.user},
                        {"subject", group.subject},
                        {"s_t", created},
                        {"creation", created},
                        {"creator", group.address_of(maker)},
                        {"s_o", group.address_of(maker)},
                        {"addressing_mode", group.by_lid ? "lid" : "pn"}},
                       std::move(participants));
}

const Group& make_group(Service& service, const std::string& subject, bool by_lid,
                        std::vector<World*> members) {
  if (members.empty()) throw Error(ErrorCode::kProtocol, "a group without members");
  const std::string id = "120363" + std::to_string(900'000'000'000ULL + service.groups.size());
  const Jid jid{.user = id, .server = std::string(jid_server::kGroup)};
  Group& group = service.groups[jid.to_string()];
  group = {.jid = jid,
           .subject = subject,
           .by_lid = by_lid,
           .members = std::move(members),
           .created_at = UnixSeconds::now().value};
  for (World* member : group.members)
    notify(group, *member, with_children("create", {{"type", "new"}}, {group_node(group)}));
  return group;
}

void add_member(Group& group, World& user) {
  if (group.has(user)) throw Error(ErrorCode::kProtocol, "a member already");
  group.members.push_back(&user);
  for (World* member : group.members)
    notify(group, *member, with_children("add", {}, {participant_node(group, user)}));
}

void remove_member(Group& group, World& user) {
  if (!group.has(user) || &user == group.members.front())
    throw Error(ErrorCode::kProtocol, "no member, or the one who made the group");
  const Node change = with_children("remove", {}, {participant_node(group, user)});
  const std::vector<World*> told = group.members;
  std::erase(group.members, &user);
  for (World* member : told) notify(group, *member, change);
}

}  // namespace wasync::sim
