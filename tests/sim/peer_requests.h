// What companions ask the phone for: older messages, single messages again, app-state keys.
#pragma once

#include <string>

namespace wasync::pb {
class Message;
}

namespace wasync::sim {

class World;
struct Companion;

// `request_id` is the id of the stanza that carried `message`; the answer quotes it.
void answer_peer_request(World& world, Companion& companion, const std::string& request_id,
                         const pb::Message& message);

}  // namespace wasync::sim
