// What a live message does to the inbox: the second way a conversation comes to be.
#pragma once

#include <optional>
#include <string_view>

#include "session/receive/incoming_message.h"

namespace wasync {

class InboxWriter;
struct OwnIdentity;
namespace pb {
class Message;
class WebMessageInfo;
}  // namespace pb

// Writes the message, or what it does to an earlier one (reaction, edit, revocation), in the
// writer's transaction. Returns whether anything of it belongs in the inbox: what no one sees does
// not, nor does what is posted to a status.
bool store_realtime(const IncomingMessage& incoming, const pb::Message& content,
                    const OwnIdentity& own, InboxWriter& inbox);

// Stores the message as far as we know it, without content: the inbox shows that we await it.
// Returns whether the inbox has it now, with content or without.
bool store_placeholder(const IncomingMessage& incoming, InboxWriter& inbox);

// Stores that the message was sent, for content that WhatsApp does not give to linked devices;
// `what` names that content in words. Returns whether the inbox has it now.
bool store_withheld(const IncomingMessage& incoming, std::string_view what, InboxWriter& inbox);

// Stores what the phone says a message was. Nothing when the phone does not say; otherwise the same
// as `store_realtime`.
std::optional<bool> store_resent(const IncomingMessage& incoming, const pb::WebMessageInfo& info,
                                 const OwnIdentity& own, InboxWriter& inbox);

// The message came, and there is nothing to show of it (a reaction, say). If the inbox still shows
// it as awaited, it counts as deleted from now on. The document stays, as for a revoked message.
void drop_placeholder(const IncomingMessage& incoming, InboxWriter& inbox);

}  // namespace wasync
