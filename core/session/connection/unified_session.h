// What WhatsApp Web tells the server about itself after a login: the number of its "session", which
// is the current moment within the week. Facts: whatsmeow client.go, presence.go.
#pragma once

#include <chrono>

#include "wire/node.h"

namespace wasync {

// <ib><unified_session>; `now` is the server's time, since the epoch.
Node unified_session(std::chrono::milliseconds now);

}  // namespace wasync
