// What a service of Type=notify tells systemd (sd_notify(3): datagrams to $NOTIFY_SOCKET).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/environment.h"

namespace wasync {

// "READY=1", "STATUS=…", several with line feeds between them. No effect, and no error, where
// nobody wants to know.
void notify_systemd(std::string_view state, const Environment& environment = process_environment());

// How often "WATCHDOG=1" is to be told: half of what systemd allows. Nothing when it does not
// watch this process.
std::optional<std::chrono::milliseconds> watchdog_interval(
    const Environment& environment = process_environment());

}  // namespace wasync
