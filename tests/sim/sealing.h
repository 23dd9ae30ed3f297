// Sealing with a message's secret, as WhatsApp's own clients do it: edits by others, and in
// announcement groups and polls reactions, comments and votes.
#pragma once

#include <string>

namespace wasync::pb {
class Message;
}

namespace wasync::sim {

class World;
struct RealtimeMessage;

// The secret of the message with this id: 32 bytes. Whoever got the message has it.
std::string message_secret(const std::string& id);

// Puts what `message` says, sealed for its target, into `content`. False when its kind is none of
// these: "edit" (of another than the owner, unless the fault "plain-edits" is on),
// "sealed-reaction", "comment", "vote", "add-option", "event-answer".
bool set_sealed(const World& world, const RealtimeMessage& message, pb::Message& content);

}  // namespace wasync::sim
