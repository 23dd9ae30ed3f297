// Asks the sender again, by a retry receipt, for a message that we could not decrypt. We await the
// message until it comes: we note it with what we did about it (awaited_messages.h), and the inbox
// shows it as awaited. Later we ask our phone for what the sender did not send again
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
  bool keys_wanted = false;  // the sender does not know us yet: we send our keys at once
};

// The retry receipt for the message. Nothing when the message has come some other way, when we have
// asked four times, by our count or its sender's, or when the sender's share of receipts is used up
// (the outcome counts that). `told`: another part of it reached the
// inbox, so the inbox misses nothing.
std::optional<Node> ask_again(const Node& stanza, const IncomingMessage& message,
                              const Undecrypted& undecrypted, bool told, StanzaGroup& group);

// The answer that makes the server forget the message though it was of no use. The server forgets a
// copy of what we wrote elsewhere for a receipt, not for an ack (whatsapp-rust #659).
Node give_up(const Node& stanza, const IncomingMessage& message);

// Awaits the message, because of `failure`. Shows it in the inbox where someone would miss it, and
// names it in the group's outcome when the phone may have it. No effect on a message that has come.
// Nothing when as many messages of its sender are awaited as may be: the outcome counts that.
std::optional<AwaitedMessage> await_content(const Node& stanza, const IncomingMessage& message,
                                            std::string_view failure, StanzaGroup& group);

// Notes that the message has come, if we awaited it. If the inbox still shows it as awaited, the
// message had nothing to show.
void content_came(const IncomingMessage& message, StanzaGroup& group);

}  // namespace wasync
