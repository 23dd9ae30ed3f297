// A <message> stanza: we store what its parts say, together with the advanced ratchets, in the
// transaction of the stanzas it came with.
//
// We decrypt each part (message_decryption.h). What it says changes the inbox (realtime.h), or is
// for this device alone: sender keys, and from our own phone history notifications, keys of app
// state, address mappings and answers. We ask again for what we cannot decrypt (message_retry.h).
#pragma once

#include <cstdint>

#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

struct MessageCounts {
  std::int64_t received = 0;
  std::int64_t undecryptable = 0;
  std::int64_t malformed = 0;
  std::int64_t given_up = 0;            // stanzas of no use to us that we acked in the end
  std::int64_t sent_refused = 0;        // what we sent and the server refused
  std::int64_t spoofed = 0;             // self-only messages from somebody else: an attack
  std::int64_t identities_changed = 0;  // of people with a chat
  std::int64_t fell_silent = 0;  // connections ended because they brought nothing for too long
  // Beyond the share of one sender, or of all of them:
  std::int64_t left_out = 0;   // placeholders, waiting edits, reactions and so on, not stored
  std::int64_t not_asked = 0;  // retry receipts not sent, and messages our phone is asked for later
};

// Throws only for trouble of our own (a failing file): then it has written nothing and there is
// nothing to answer, so the server delivers the stanza again. It answers a stanza that it decrypted
// before once more: the first answer may not have got through.
void take_message(const Node& stanza, StanzaGroup& group, MessageCounts& counts);

}  // namespace wasync
