// A group whose members are users of the simulator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/jid.h"
#include "wire/node.h"

namespace wasync::sim {

class Service;
class World;

struct Group {
  Jid jid{};
  std::string subject{};
  bool by_lid = false;            // how its members are addressed
  std::vector<World*> members{};  // the first made it
  std::int64_t created_at = 0;    // Unix seconds

  bool has(const World& user) const;
  Jid address_of(const World& user) const;
};

// As the server describes it: the <group> of metadata answers and notifications.
Node group_node(const Group& group);

// Makes a group and tells every member's companions. Throws Error(kProtocol) without members.
const Group& make_group(Service& service, const std::string& subject, bool by_lid,
                        std::vector<World*> members);
// Somebody comes or goes; the members, and who went, are told.
void add_member(Group& group, World& user);
void remove_member(Group& group, World& user);

}  // namespace wasync::sim
