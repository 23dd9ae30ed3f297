// An account file that an older wa-sync wrote, brought to the tables of this one; a copy of it as
// it was is kept beside it.
//
// The copy is called like the file, with ".before-" and the versions of the tables it was made
// for: "wa-sync.db.before-inbox7-signal1-session4". It is a whole SQLite file, verified, with mode
// 0600: to go back to the older wa-sync, move it into the file's place (and delete the file's -wal
// and -shm). It stays until the next upgrade has succeeded, or for kCopyKept.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <span>

#include "base/migration.h"

namespace wasync {

inline constexpr std::chrono::days kCopyKept{30};

// Brings all tables of the file to the newest version, migrate() by migrate(); does nothing when
// they are. Where there is no room for a copy, it warns and goes on without. The caller sees to it
// that nobody else works with the file. Throws Error(kStoreTooNew) as migrate() does, before it
// touches anything, and Error(kStore) when the file is damaged.
void upgrade(Database& database, std::span<const Tables> all);

// Whether upgrade() would do anything. Throws Error(kStoreTooNew).
bool needs_upgrade(Database& database, std::span<const Tables> all);

// Deletes the copies that have been kept long enough.
void forget_old_copies(const std::filesystem::path& file);

// Called from now on for an upgrade that takes longer than a second, each second and at its end:
// for whoever waits for it. Empty, the default: a line in the log. To be set before any thread is
// started. Must not throw.
using UpgradeObserver = std::function<void(const std::filesystem::path& file, int percent)>;
void observe_upgrades(UpgradeObserver observer);

}  // namespace wasync
