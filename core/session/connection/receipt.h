// The answers every stanza gets. Without them the server repeats the stanza, or holds
// back everything behind it.
#pragma once

#include <optional>
#include <string_view>

#include "base/jid.h"
#include "wire/node.h"

namespace wasync {

// Why we could not use a stanza, in the protocol's codes.
enum class Nack {
  kParsingError = 487,
  kUnrecognizedStanza = 488,
  kUnrecognizedStanzaType = 490,
  kInvalidProtobuf = 491,
  kUnhandledError = 500,
};

// The <ack> to any stanza (message, receipt, notification, call); with a code, a nack.
Node ack(const Node& stanza, std::optional<Nack> nack = {});

// The code of an answer that is a nack.
std::optional<Nack> nack_in(const Node& answer);

// The <receipt> to a message whose content we have stored: this is its ack as well. `type` as the
// protocol names it: "inactive" (delivered, but no user is looking), "sender" (another device of
// ours wrote it), "peer_msg".
Node receipt(const Node& message, std::string_view type);

// Tells the phone that we stored a chunk of history ("hist_sync"), or that we processed another
// peer message ("peer_msg").
Node peer_receipt(std::string_view message_id, const Jid& own, std::string_view type);

}  // namespace wasync
