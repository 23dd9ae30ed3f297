// Our phone could not read what we asked it for, and says so with a retry receipt: it is asked the
// same again. When the receipt brings keys, in a new session made from them, but only if they are
// the keys of the phone that signed our pairing: whoever else speaks for it must not learn what we
// ask, nor make us believe any history. Facts: whatsmeow retry.go, Baileys sendMessagesAgain.
#pragma once

#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

// In the group's transaction. The repeated request goes out with the group's answers; one that has
// been repeated often enough, or must not be, is named among the outcome's failed requests. No
// effect when the receipt is not our phone's, or about something else.
void repeat_for_phone(const Node& receipt, StanzaGroup& group);

}  // namespace wasync
