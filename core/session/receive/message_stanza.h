// A <message> stanza: what its parts say is stored, together with the advanced ratchets, in the
// transaction of the stanzas it came with.
//
// Each part is decrypted (message_decryption.h). What it says changes the inbox (realtime.h), or is
// for this device alone: sender keys, and from our own phone history notifications, keys of app
// state, address mappings and answers. What cannot be decrypted is asked for again
// (message_retry.h).
#pragma once

#include <cstdint>

#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

struct MessageCounts {
  std::int64_t received = 0;
  std::int64_t undecryptable = 0;
  std::int64_t malformed = 0;
  std::int64_t given_up = 0;      // stanzas of no use to us that were acked in the end
  std::int64_t sent_refused = 0;  // what we sent and the server did not take
  std::int64_t spoofed = 0;       // self-only messages from somebody else: an attack
};

// Throws only for trouble of our own (a failing file): then nothing was written and there is
// nothing to answer, so that the server delivers the stanza again. One that was decrypted before is
// answered once more: its first answer may not have got through.
void take_message(const Node& stanza, StanzaGroup& group, MessageCounts& counts);

}  // namespace wasync
