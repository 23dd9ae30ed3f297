// Decrypts a message: each <enc> part of its stanza by the Signal session with its sender, or by
// the sender's key for the group. Facts: whatsmeow message.go.
#pragma once

#include <optional>

#include "proto/message.pb.h"
#include "session/connection/receipt.h"
#include "session/receive/incoming_message.h"
#include "session/receive/stanza_group.h"
#include "signal/cipher.h"
#include "wire/node.h"

namespace wasync {

// The result of one part. Empty when we decrypted the part before.
struct DecryptedPart {
  std::optional<pb::Message> content{};
  // We could not decrypt it, and asking the sender again may help.
  std::optional<SignalFailure> failure{};
  bool keys_wanted = false;  // the sender does not know us yet: we send our keys at once
  bool of_bot = false;       // sealed with a secret that only the asking device has
  // The part is of no use, however often it comes.
  std::optional<Nack> nack{};
};

// Decrypts the part and advances the ratchet of its session, in the group's transaction.
DecryptedPart decrypt_part(const IncomingMessage& message, const Node& enc, StanzaGroup& group);

// Keeps the sender's key for the group when the content brings it: for the parts that follow, and
// for whatever the sender writes there from now on.
void take_sender_key(const IncomingMessage& message, const pb::Message& content,
                     StanzaGroup& group);

}  // namespace wasync
