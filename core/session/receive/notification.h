// What a <notification> stanza of the server makes us know or do. Most kinds say nothing that
// the inbox needs: those are only acked. Facts: whatsmeow notification.go.
#pragma once

#include "session/device/device.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

struct NotificationNews {
  bool app_state = false;     // collections may be wanted
  bool few_pre_keys = false;  // the server runs out of ours
};

// Stores what is to be stored in the group's transaction.
NotificationNews take_notification(const Node& stanza, const Device& device, SignalStore& store,
                                   StanzaGroup& group);

}  // namespace wasync
