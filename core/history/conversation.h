// One chat of history: from the phone's Conversation to the inbox's.
#pragma once

#include <optional>

#include "base/clock.h"
#include "inbox/message.h"

namespace wasync {

namespace pb {
class Conversation;
}

// `chat` is empty when the conversation names no usable chat.
Conversation read_conversation(const pb::Conversation& conversation, UnixSeconds now);

// The phone has older messages but does not give them to this device.
bool older_messages_denied(const pb::Conversation& conversation);

// The bare JID in `text`; empty when there is none.
Jid bare_jid(std::string_view text);

// A pair of addresses as a mapping when one is a LID and the other a phone number.
std::optional<LidMapping> lid_mapping(const Jid& one, const Jid& other);

}  // namespace wasync
