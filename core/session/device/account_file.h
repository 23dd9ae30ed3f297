// One account opened for work: its lock, its file with all tables up to date.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/migration.h"
#include "base/sqlite.h"
#include "inbox/ids.h"
#include "inbox/state_dir.h"

namespace wasync {

// Everything that an account's file holds.
std::array<Tables, 3> account_tables();

struct AccountFile {
  AccountId id;
  AccountLock lock;
  std::unique_ptr<Database> database;
  std::filesystem::path generation_file;  // see generation.h

  // Takes the lock, opens (or, with `create`, makes) the file and upgrades it. Makes a file that
  // was put back from a backup ready to go on, and warns (generation.h). Switches its search
  // index on or off (nothing: it stays as it is; a new file has one), and fills it if that was
  // interrupted. Throws Error(kHeldElsewhere) when another process works with the account, kStore
  // or kStoreTooNew when the file cannot be used.
  static AccountFile open(const StateDir& state, const AccountId& id,
                          std::optional<bool> search_index = std::nullopt);
  static AccountFile create(const StateDir& state, const AccountId& id,
                            std::optional<bool> search_index = std::nullopt);
};

// Opens only the file, for a look or a short write while another process may hold the account.
// Upgrades a file of an older wa-sync when no process holds the account. A holder may be that older
// wa-sync, still at work: then waits `patience` for it to end or upgrade the file, and throws
// Error(kHeldElsewhere) after that.
std::unique_ptr<Database> open_beside_holder(
    const StateDir& state, const AccountId& id,
    std::chrono::milliseconds patience = std::chrono::seconds(10));

}  // namespace wasync
