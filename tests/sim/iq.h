// Queries of clients and the server's answers.
#pragma once

#include "wire/node.h"

namespace wasync::sim {

class World;
struct Companion;

// The answer to an iq of type get or set; an error iq for what is not understood or not
// allowed. `companion` is null before login. Changes only what the query sets (pre-keys).
Node answer_iq(World& world, Companion* companion, const Node& iq);

Node with_children(const std::string& tag, Node::Attributes attributes, std::vector<Node> children);

}  // namespace wasync::sim
