// What a running `listen` tells of an account over its control socket (control.h), for diagnose.
#pragma once

#include <chrono>
#include <optional>

#include "diagnose/observation.h"
#include "inbox/ids.h"
#include "inbox/state_dir.h"

namespace wasync {

// Nothing when nobody listens on the socket. Throws what ask_holder does.
std::optional<diagnosis::Listening> ask_status(const StateDir& state, const AccountId& id,
                                               std::chrono::milliseconds patience);

// Has it ask WhatsApp for a sign of life over the account's connection. Throws likewise.
diagnosis::Live ask_ping(const StateDir& state, const AccountId& id,
                         std::chrono::milliseconds patience);

}  // namespace wasync
