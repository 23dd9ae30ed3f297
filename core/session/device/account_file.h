// One account opened for work: its lock, its file with all tables up to date.
#pragma once

#include <memory>
#include <optional>

#include "base/sqlite.h"
#include "inbox/ids.h"
#include "inbox/state_dir.h"

namespace wasync {

struct AccountFile {
  AccountId id;
  AccountLock lock;
  std::unique_ptr<Database> database;

  // Takes the lock, opens (or, with `create`, makes) the file and migrates it. Throws
  // Error(kHeldElsewhere) when another process works with the account, kStore or
  // kStoreTooNew when the file cannot be used.
  static AccountFile open(const StateDir& state, const AccountId& id);
  static AccountFile create(const StateDir& state, const AccountId& id);
};

}  // namespace wasync
