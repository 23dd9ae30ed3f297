// A person's identity key, and so the safety number of the chat, is another than it was: they
// installed WhatsApp anew, or somebody pretends to be them. WhatsApp says so in a notification, and
// a message under the new key shows it. Facts: whatsmeow events.IdentityChange, which tells both.
#pragma once

#include "base/clock.h"
#include "base/jid.h"
#include "session/receive/stanza_group.h"

namespace wasync {

// Of whoever has a chat here. A linked device has an identity of its own, which says nothing of the
// safety number (Baileys passes over it, too): then, and of our own devices, it has no effect.
// `at` unknown: now.
void note_identity_change(const Jid& who, UnixSeconds at, StanzaGroup& group);

}  // namespace wasync
