// Learns that a LID and a phone number are one person, where the server mentions it along with
// something else.
#pragma once

#include "base/jid.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

// Stores, in the group's transaction, that the two addresses (in either order) are one person's. No
// effect unless one is a LID and the other a phone number, and both or neither are ours: an address
// of ours is never another name of somebody else.
void learn_pair(const Jid& one, const Jid& other, StanzaGroup& group);

// Learns from the <participant>s in a group's description or in a change of its members (whatsmeow
// group.go).
void learn_participants(const Node& list, StanzaGroup& group);

// Learns from a "mex" notification, which holds JSON: NotificationLinkedProfilesUpdates tells the
// phone numbers behind LIDs (Baileys messages-recv.ts). Any other has no effect.
void learn_linked_profiles(const Node& notification, StanzaGroup& group);

}  // namespace wasync
