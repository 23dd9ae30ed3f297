// Queries about people, their devices, and groups (xmlns "usync" and "w:g2").
#pragma once

#include "wire/node.h"

namespace wasync::sim {

class World;

// Both complete `result`, the answer to `iq`, or throw Error(kProtocol).
Node answer_usync(World& world, const Node& iq, Node result);
Node answer_groups(World& world, const Node& iq, Node result);

}  // namespace wasync::sim
