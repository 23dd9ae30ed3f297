#include "session/device/account_file.h"

#include "inbox/schema.h"
#include "session/device/schema.h"
#include "signal/schema.h"

namespace wasync {
namespace {

AccountFile open_as(const StateDir& state, const AccountId& id, Database::Mode mode) {
  AccountLock lock = AccountLock::acquire(state, id);
  auto database = std::make_unique<Database>(state.account_file(id), mode);
  migrate_inbox(*database);
  migrate(*database, "signal", signal_migrations());
  migrate(*database, "session", session_migrations());
  return {.id = id, .lock = std::move(lock), .database = std::move(database)};
}

}  // namespace

AccountFile AccountFile::open(const StateDir& state, const AccountId& id) {
  return open_as(state, id, Database::Mode::kReadWrite);
}

AccountFile AccountFile::create(const StateDir& state, const AccountId& id) {
  state.create_account(id);
  return open_as(state, id, Database::Mode::kReadWriteCreate);
}

}  // namespace wasync
