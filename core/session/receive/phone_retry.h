// Our phone could not read a request of ours and says so with a retry receipt: we ask it the same
// again. When the receipt brings keys, we ask in a new session made from them, but only if they are
// the keys of the phone that signed our pairing. Anyone else who speaks for the phone must not
// learn what we ask, nor make us believe any history. Facts: whatsmeow retry.go, Baileys
// sendMessagesAgain.
#pragma once

#include <optional>

#include "session/receive/stanza_group.h"
#include "signal/pre_key.h"
#include "wire/node.h"

namespace wasync {

// Works in the group's transaction. The repeated request goes out with the group's answers. A
// request that we have repeated often enough, or must not repeat, goes into the outcome's failed
// requests. No effect when the receipt is not our phone's, or about something else.
void repeat_for_phone(const Node& receipt, StanzaGroup& group);

// Begins a session with our phone in place of any earlier one, in the group's transaction. Returns
// false, and logs why, when the keys are missing, unusable or not those of the phone that signed
// our pairing.
bool renew_phone_session(const std::optional<PreKeyBundle>& bundle, StanzaGroup& group);

}  // namespace wasync
