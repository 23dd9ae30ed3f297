// What a history chunk says, as values, in the order it says it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/jid.h"
#include "history/web_message.h"
#include "inbox/message.h"

namespace wasync {

// The messages that follow, up to the next conversation, belong to this one.
struct ConversationEvent {
  std::uint64_t ordinal = 0;  // from 0, in wire order
  std::size_t messages = 0;   // how many the chunk has for it
  Conversation conversation;  // `chat` is empty when it names no usable one
  bool on_demand = false;     // part of an answer to a request of ours
  bool older_denied = false;  // the phone has older ones but gives none to this device
  // Too large to be held: its messages do not follow, but come in another reading, which is given
  // this event (ReadOptions::large).
  bool large = false;
};

struct MessageEvent {
  HistoryEntry entry;
  std::vector<Sealed> sealed{};  // beside the message, and about it
  // Who received our own message, as far as the phone tells; otherwise empty. In a chat under a
  // LID, this tells the phone number that belongs to it.
  Jid receiver{};
  // In an answer to a request for older messages: key and time, whatever the message is.
  MessageKey key{};
  UnixSeconds sent_at{};
};

// A status belongs to no conversation, but it tells its author's push name.
struct StatusEvent {
  Jid author;  // empty when nothing can be learned
  std::string push_name;
};

struct PushNameEvent {
  Jid jid;
  std::string push_name;
};

// Every message of a business tells the name that WhatsApp had verified at that time. This event
// comes once for each business of a chunk: history tells the newest message first, so the first
// name is the one that counts.
struct BusinessNameEvent {
  Jid jid;
  std::string name;
};

// A message of the conversation at hand that is too large to take in.
struct TooLargeEvent {};

// A part that could not be read.
struct DamageEvent {};

using HistoryEvent =
    std::variant<ConversationEvent, MessageEvent, StatusEvent, PushNameEvent, BusinessNameEvent,
                 LidMapping, Contact, TooLargeEvent, DamageEvent>;

}  // namespace wasync
