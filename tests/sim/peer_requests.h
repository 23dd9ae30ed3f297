// What companions ask the phone for: older messages, single messages again, app-state keys.
#pragma once

#include "wire/node.h"

namespace wasync::pb {
class Message;
}

namespace wasync::sim {

class World;
struct Companion;

// `stanza` carried `message`; the answer quotes its id. A phone says nothing to what is not as it
// expects: the priority with which it is woken, the mark on requests for messages, times in
// seconds, the chat by its LID. The journal says why.
void answer_peer_request(World& world, Companion& companion, const Node& stanza,
                         const pb::Message& message);

}  // namespace wasync::sim
