// What a <notification> stanza of the server makes us know or do. Most kinds say nothing that the
// inbox needs: we only ack those. Facts: whatsmeow notification.go.
#pragma once

#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

// Stores what the inbox needs in the group's transaction, and adds to the group's outcome, but no
// answer.
void take_notification(const Node& stanza, StanzaGroup& group);

}  // namespace wasync
