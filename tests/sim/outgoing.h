// A message on its way to a companion: encrypted anew each time it is sent, so that it can be
// sent again when the companion could not decrypt it.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/jid.h"
#include "signal/pre_key.h"
#include "wire/node.h"

namespace wasync::sim {

class World;
struct Companion;

struct Outgoing {
  Jid sender;                  // whose device encrypts; a companion's encrypted it itself
  Node stanza;                 // <message> with its attributes, without <enc>
  Bytes content;               // serialised Message, for the companion alone
  std::optional<Jid> group;    // set: `content` goes to the group, with the sender's key
  std::vector<Node> beside{};  // children of the stanza beside <enc>
};

// The <enc> as it arrives: what the fault "undecryptable" does to it on the way.
Node in_transit(World& world, Node enc);

// Encrypts, queues, and remembers it by its id.
void send_outgoing(World& world, Companion& companion, Outgoing message);

// Once more, after a retry receipt: with a new session from `bundle`, if any, and always
// pairwise, as real senders do. Nothing when the message is unknown.
void send_again(World& world, Companion& companion, std::string_view id, unsigned count,
                const std::optional<PreKeyBundle>& bundle);

}  // namespace wasync::sim
