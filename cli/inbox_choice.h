// Which Inbox conversations go to besides the account's own file.
#pragma once

#include <optional>

#include "base/environment.h"
#include "cli/options.h"
#include "firestore/inbox.h"

namespace wasync {

// --inbox decides; without it, Firestore where an emulator is set or a project can be told from
// --project, the environment or the credentials' file. Nothing: SQLite alone. Throws Error(kConfig)
// when Firestore is meant and its credentials or its project are missing or malformed.
std::optional<FirestoreInbox> firestore_inbox(
    const GlobalOptions& global, const Environment& environment = process_environment());

// An emulator needs no project that exists, and no name of one.
inline constexpr const char* kEmulatorProject = "demo-wa-sync";

}  // namespace wasync
