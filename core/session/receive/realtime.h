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

// Writes the message, or what it does to an earlier one (reaction, edit, revocation), in
// the writer's transaction. Returns whether anything of it belongs into the inbox: neither
// what nobody sees nor what is posted to a status does.
bool store_realtime(const IncomingMessage& incoming, const pb::Message& content,
                    const OwnIdentity& own, InboxWriter& inbox);

// The message as far as it is known, without content: the inbox shows that it is awaited. Returns
// whether it is there now, with content or without.
bool store_placeholder(const IncomingMessage& incoming, InboxWriter& inbox);

// That it was sent, for what WhatsApp does not give to linked devices; `what` it is, in words.
// Returns whether it is there now.
bool store_withheld(const IncomingMessage& incoming, std::string_view what, InboxWriter& inbox);

// What the phone says a message was. Nothing when it does not say, else as `store_realtime`.
std::optional<bool> store_resent(const IncomingMessage& incoming, const pb::WebMessageInfo& info,
                                 const OwnIdentity& own, InboxWriter& inbox);

// It came, and there is nothing to show of it (a reaction, say): where the inbox still shows that
// it is awaited, it is deleted from now on. The document stays, as it does for a revoked message.
void drop_placeholder(const IncomingMessage& incoming, InboxWriter& inbox);

}  // namespace wasync
