// Asking the service itself which web version is the current one.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "session/connection/web_version.h"

namespace wasync {

// From the /sw.js of the host that `server_url` (wss://… or ws://…) names: over https://, or for
// a plain loopback server over http://. Blocks, for `limit` at most. Nothing when there is no
// answer in time or none that names a version: that is never a reason to fail, for there is
// always a built-in one. Fact source: Baileys src/Utils/generics.ts.
std::optional<WebVersion> latest_web_version(const std::string& server_url,
                                             std::chrono::milliseconds limit);

// The version that a service worker's script names.
std::optional<WebVersion> web_version_in(std::string_view script);

}  // namespace wasync
