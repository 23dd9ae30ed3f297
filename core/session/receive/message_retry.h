// Where a message that could not be decrypted is asked for again: of its sender, by a retry
// receipt. It is awaited until it comes: noted with what was done about it (awaited_messages.h),
// and shown in the inbox as such. Our phone is asked later, for what its sender did not send again
// (placeholder_resend.h). Facts: whatsmeow retry.go.
//
// All of this works in the group's transaction.
#pragma once

#include <optional>
#include <string_view>

#include "session/receive/awaited_messages.h"
#include "session/receive/incoming_message.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

struct Undecrypted {
  std::string_view failure{};
  bool keys_wanted = false;  // the sender has yet to hear of us: our keys go along at once
};

// The retry receipt for the message; nothing when it has come otherwise, or was asked for four
// times, by our count or its sender's. `told`: another part of it did reach the inbox, so that
// nothing is missed there.
std::optional<Node> ask_again(const Node& stanza, const IncomingMessage& message,
                              const Undecrypted& undecrypted, bool told, StanzaGroup& group);

// The answer after which the server is to forget the message, though it was of no use. A copy of
// what we wrote elsewhere it forgets for a receipt, not for an ack (whatsapp-rust #659).
Node give_up(const Node& stanza, const IncomingMessage& message);

// Awaits the message, because of `failure`: shows it where somebody would miss it, and names it in
// the group's outcome when the phone may have it. No effect on one that has come.
AwaitedMessage await_content(const Node& stanza, const IncomingMessage& message,
                             std::string_view failure, StanzaGroup& group);

// The message has come, if it was awaited. Where the inbox still shows that it is, there was
// nothing to show of it.
void content_came(const IncomingMessage& message, StanzaGroup& group);

}  // namespace wasync
