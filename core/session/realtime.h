// What a live message does to the inbox: the second way a conversation comes to be.
#pragma once

#include "session/incoming_message.h"

namespace wasync {

class InboxWriter;
struct OwnIdentity;
namespace pb {
class Message;
}

// Writes the message, or what it does to an earlier one (reaction, edit, revocation), in
// the writer's transaction. Returns whether anything of it belongs into the inbox: neither
// what nobody sees nor what is posted to a status does.
bool store_realtime(const IncomingMessage& incoming, const pb::Message& content,
                    const OwnIdentity& own, InboxWriter& inbox);

}  // namespace wasync
