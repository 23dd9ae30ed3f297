// What a <notification> stanza of the server makes us know or do. Most kinds say nothing that
// the inbox needs: those are only acked. Facts: whatsmeow notification.go.
#pragma once

#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

// Stores what is to be stored in the group's transaction, and adds to its outcome, but no answer.
void take_notification(const Node& stanza, StanzaGroup& group);

}  // namespace wasync
