// The last web version that the service named. We keep it in the state directory for days when the
// service names none, and for a wa-sync whose built-in version has grown old.
#pragma once

#include <filesystem>
#include <optional>

#include "session/connection/web_version.h"

namespace wasync {

// Nothing when the file is missing or holds no version newer than the built-in one.
std::optional<WebVersion> remembered_version(const std::filesystem::path& state_dir);
// Needs an existing state directory. A version that it cannot write is not remembered; that is no
// error.
void remember_version(const std::filesystem::path& state_dir, const WebVersion& version);

}  // namespace wasync
