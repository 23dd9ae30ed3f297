// Which Inbox conversations go to besides the account's own file.
#pragma once

#include <optional>

#include "base/environment.h"
#include "base/error.h"
#include "cli/options.h"
#include "firestore/inbox.h"
#include "firestore/uploader.h"

namespace wasync {

// --inbox decides; without it, Firestore where an emulator is set or a project can be told from
// --project, the environment or the credentials' file. Nothing: SQLite alone. Throws Error(kConfig)
// when Firestore is meant and its credentials or its project are missing or malformed.
std::optional<FirestoreInbox> firestore_inbox(
    const GlobalOptions& global, const Environment& environment = process_environment());

// Some documents are not in Firestore yet: how many and why, and what to do.
Error unfinished_upload(const FirestoreInbox& inbox, const firestore::UploadState& upload,
                        Phrase advice);

// An emulator needs no project that exists, and no name of one.
inline constexpr const char* kEmulatorProject = "demo-wa-sync";

}  // namespace wasync
