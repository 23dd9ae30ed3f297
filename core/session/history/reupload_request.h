// Tells the phone that a blob of history is gone from the servers, or damaged there. The phone
// uploads it again and announces that in another message. (Facts: whatsmeow message.go and
// mediaretry.go.)
//
// We know nothing about how the phone refuses. The <notification type="mediaretry"> that answers
// for the media of a message names that message's chat (<rmr>), and here there is no chat to name.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/jid.h"
#include "wire/node.h"

namespace wasync {

// The <receipt type="server-error"> about the message `message_id`, whose content named
// `media_key`. Only a holder of that key can make or read it.
Node server_error_receipt(std::string_view message_id, const Jid& own, BytesView media_key);

}  // namespace wasync
