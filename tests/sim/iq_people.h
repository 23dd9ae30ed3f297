// Queries about people, their devices, and groups (xmlns "usync" and "w:g2").
#pragma once

#include "wire/node.h"

namespace wasync::sim {

struct Companion;
class World;

// Complains when a client asks about many at once: nobody who looks at WhatsApp Web does.
void watch_for_bursts(World& world, Companion& companion, const Node& iq);

// Both complete `result`, the answer to `iq`, or throw Error(kProtocol).
Node answer_usync(World& world, const Node& iq, Node result);
Node answer_groups(World& world, const Node& iq, Node result);

}  // namespace wasync::sim
