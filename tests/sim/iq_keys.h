// Pre-keys: what a companion uploads about itself and asks about others (xmlns "encrypt").
#pragma once

#include "signal/pre_key.h"
#include "wire/node.h"

namespace wasync::sim {

class World;
struct Companion;

// Completes `result`, the answer to `iq`. Throws Error(kProtocol) for what is not acceptable.
Node answer_keys(World& world, Companion& companion, const Node& iq, Node result);

// Of the user's own phone.
PreKeyBundle phone_bundle(World& world);

// One key as the protocol writes it: <key> or, with a signature, <skey>.
Node pre_key_node(const std::string& tag, std::uint32_t id, BytesView public_key,
                  BytesView signature);

}  // namespace wasync::sim
