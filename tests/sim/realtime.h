// Messages that arrive while a companion is linked.
#pragma once

#include <string>

namespace wasync::sim {

class World;

struct RealtimeMessage {
  std::string chat;  // JID: a person by phone or LID, or a group
  std::string text;
  // Who writes: a JID, "me" for the phone's owner; empty: the chat's person.
  std::string from;
  std::string id;  // empty: made up
};

// Encrypts for every companion and queues; returns the message's id. Throws Error(kProtocol)
// for addresses that make no sense.
std::string send_realtime(World& world, const RealtimeMessage& message);

}  // namespace wasync::sim
