// What a live message does to the inbox: the second way a conversation comes to be.
#pragma once

#include "session/incoming_message.h"

namespace wasync {

class InboxWriter;
namespace pb {
class Message;
}

// Writes the message, or what it does to an earlier one (reaction, edit, revocation), in
// the writer's transaction. Returns whether the content was one that people see.
bool store_realtime(const IncomingMessage& incoming, const pb::Message& content,
                    InboxWriter& inbox);

}  // namespace wasync
