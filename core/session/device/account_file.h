// One account opened for work: its lock, its file with all tables up to date.
#pragma once

#include <array>
#include <chrono>
#include <memory>

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

  // Takes the lock, opens (or, with `create`, makes) the file and upgrades it. Throws
  // Error(kHeldElsewhere) when another process works with the account, kStore or
  // kStoreTooNew when the file cannot be used.
  static AccountFile open(const StateDir& state, const AccountId& id);
  static AccountFile create(const StateDir& state, const AccountId& id);
};

// The file alone, for a look or a short write beside whoever holds the account. A file of an older
// wa-sync is upgraded when nobody does, for a holder may be that wa-sync, still at work: then
// Error(kHeldElsewhere), once it has been waited for so long.
std::unique_ptr<Database> open_beside_holder(
    const StateDir& state, const AccountId& id,
    std::chrono::milliseconds patience = std::chrono::seconds(10));

}  // namespace wasync
