// What a realtime message says, in WhatsApp's form.
#pragma once

namespace wasync::pb {
class Message;
}

namespace wasync::sim {

class World;
struct RealtimeMessage;

// Throws Error(kProtocol) for an unknown kind.
pb::Message realtime_content(const World& world, const RealtimeMessage& message);

}  // namespace wasync::sim
