// Asks the service itself which web version is the current one.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "session/connection/web_version.h"

namespace wasync {

// Reads the version from /sw.js on the host that `server_url` (wss://… or ws://…) names: over
// https://, or over http:// for a plain loopback server. Blocks for `limit` at most. Nothing when
// no answer comes in time or the answer names no version. That is never a reason to fail, because
// there is always a built-in version. Fact source: Baileys src/Utils/generics.ts.
std::optional<WebVersion> latest_web_version(const std::string& server_url,
                                             std::chrono::milliseconds limit);

// The version that a service worker's script names.
std::optional<WebVersion> web_version_in(std::string_view script);

}  // namespace wasync
