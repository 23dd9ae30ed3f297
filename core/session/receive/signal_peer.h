// Which Signal session a sender's messages belong to.
#pragma once

#include "base/jid.h"
#include "session/device/device.h"
#include "signal/address.h"

namespace wasync {

class SignalStore;

// Whether it is device 0 of our own user, in any form of the address that folds to it.
bool claims_own_phone(const Jid& sender, const Device& device);

// WhatsApp keys sessions by LID wherever it is known, whichever address a stanza uses.
// `alternative` is the sender's other address when the stanza states it. Once we know the LID, what
// we keep under the phone number (sessions, identities, sender keys) moves to it. Works in the
// caller's transaction.
//
// What claims to be our phone has the identity that signed our pairing, at whatever address: what
// came there under another identity is deleted.
SignalAddress signal_peer(SignalStore& store, const Device& device, const Jid& sender,
                          const Jid& alternative);

}  // namespace wasync
