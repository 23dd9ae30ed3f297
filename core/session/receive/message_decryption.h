// Where a message is decrypted: each <enc> part of its stanza by the Signal session with its
// sender, or by the sender's key for the group. Facts: whatsmeow message.go.
#pragma once

#include <optional>

#include "proto/message.pb.h"
#include "session/connection/receipt.h"
#include "session/receive/incoming_message.h"
#include "session/receive/stanza_group.h"
#include "signal/cipher.h"
#include "wire/node.h"

namespace wasync {

// What one part came to; nothing at all when it was decrypted before.
struct DecryptedPart {
  std::optional<pb::Message> content{};
  // It could not be decrypted, and asking the sender again may help.
  std::optional<SignalFailure> failure{};
  bool keys_wanted = false;  // the sender has yet to hear of us: our keys go along at once
  bool of_bot = false;       // sealed with a secret that only the asking device has
  // It is of no use, however often it is sent.
  std::optional<Nack> nack{};
};

// Advances the ratchet of that session in the group's transaction.
DecryptedPart decrypt_part(const IncomingMessage& message, const Node& enc, StanzaGroup& group);

// Keeps the sender's key for the group when the content brings it, for the parts that follow and
// whatever the sender writes there from now on.
void take_sender_key(const IncomingMessage& message, const pb::Message& content,
                     StanzaGroup& group);

}  // namespace wasync
