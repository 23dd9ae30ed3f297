// What a realtime message says, in WhatsApp's form.
#pragma once

namespace wasync::pb {
class Message;
class MessageKey;
}  // namespace wasync::pb

namespace wasync::sim {

class World;
struct RealtimeMessage;

// Throws Error(kProtocol) for an unknown kind.
pb::Message realtime_content(const World& world, const RealtimeMessage& message);

// The key of the message that an edit, a revoke or a reaction is about, as its author writes
// it: the author's view of the chat and of "me", not the reader's.
void set_target(const World& world, const RealtimeMessage& message, pb::MessageKey& key);

}  // namespace wasync::sim
