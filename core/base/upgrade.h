// Upgrades an account file that an older wa-sync wrote to the tables of this one, and keeps a copy
// of the old file beside it.
//
// The copy has the file's name with ".before-" and the table versions that the upgrade leads to:
// "wa-sync.db.before-inbox7-signal1-session4". It is a complete, verified SQLite file with mode
// 0600. To go back to the older wa-sync, move the copy into the file's place (and delete the file's
// -wal and -shm). The copy stays until the next upgrade has succeeded, or for kCopyKept.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <span>

#include "base/migration.h"

namespace wasync {

inline constexpr std::chrono::days kCopyKept{30};

// Brings all tables of the file to the newest version, one migrate() after another; does nothing
// when they are current. When there is no room for a copy, it warns and continues without one. The
// caller makes sure that nothing else uses the file. Throws Error(kStoreTooNew) as migrate() does,
// before it changes anything, and Error(kStore) when the file is damaged.
void upgrade(Database& database, std::span<const Tables> all);

// Whether upgrade() would do anything. Throws Error(kStoreTooNew).
bool needs_upgrade(Database& database, std::span<const Tables> all);

// Deletes the copies that are older than kCopyKept.
void forget_old_copies(const std::filesystem::path& file);

// During an upgrade that takes longer than a second, upgrade() calls the observer each second and
// at the end, to inform those who wait for it. The default is empty: upgrade() then logs a line
// instead. Set it before any thread starts. It must not throw.
using UpgradeObserver = std::function<void(const std::filesystem::path& file, int percent)>;
void observe_upgrades(UpgradeObserver observer);

// Does other long work on the file, and informs in the same way: `work` gets what it calls with the
// part that is done.
void observe_work(const std::filesystem::path& file,
                  const std::function<void(const OnMigrated&)>& work);

}  // namespace wasync
