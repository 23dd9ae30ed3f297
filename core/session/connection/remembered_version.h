// The last web version that the service named, kept in the state directory: for the days when it
// names none, and for a wa-sync whose built-in version has grown old.
#pragma once

#include <filesystem>
#include <optional>

#include "session/connection/web_version.h"

namespace wasync {

// Nothing when there is none, or what is there is no version newer than the built-in one.
std::optional<WebVersion> remembered_version(const std::filesystem::path& state_dir);
// Where the state directory exists; what cannot be written is not remembered, no more.
void remember_version(const std::filesystem::path& state_dir, const WebVersion& version);

}  // namespace wasync
