#include "session/device/account_file.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/error.h"
#include "base/upgrade.h"
#include "scratch_dir.h"
#include "unit/signal/device.h"

namespace account_file_test {

using namespace wasync;
using namespace wasync::test;

namespace {

// A state directory with an account of the newest version.
class Accounts {
 public:
  Accounts() { AccountFile::create(state, id); }

  // As if the newest step of the session's tables had not been taken.
  void make_older() const {
    Database database(state.account_file(id));
    database.execute(
        "UPDATE schema_versions SET version = 9 WHERE component = 'session';"
        "ALTER TABLE device DROP COLUMN generation; ALTER TABLE device DROP COLUMN restored_at;"
        "ALTER TABLE device DROP COLUMN phone_session_due");
  }
  bool is_current() const {
    Database database(state.account_file(id), Database::Mode::kReadOnly);
    return !needs_upgrade(database, account_tables());
  }

  ScratchDir scratch;
  StateDir state = StateDir::open(scratch.path() / "state");
  AccountId id = account_id_for("+40737123397");
};

}  // namespace

TEST_CASE("a new file has all tables") {
  CHECK(Accounts().is_current());
}

TEST_CASE("an older file is brought up to date by whoever opens it") {
  const Accounts accounts;
  accounts.make_older();
  CHECK_FALSE(accounts.is_current());
  SUBCASE("to work with it") {
    AccountFile::open(accounts.state, accounts.id);
  }
  SUBCASE("for a look") {
    open_beside_holder(accounts.state, accounts.id);
  }
  CHECK(accounts.is_current());
}

TEST_CASE("who looks beside a holder leaves an older file as it is, and says so") {
  const Accounts accounts;
  accounts.make_older();
  const auto lock = AccountLock::acquire(accounts.state, accounts.id);
  try {
    open_beside_holder(accounts.state, accounts.id, std::chrono::milliseconds(50));
    FAIL_CHECK("was opened");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kHeldElsewhere);
  }
  CHECK_FALSE(accounts.is_current());
}

TEST_CASE("whoever works with a file fills its search index first, where that was interrupted") {
  const Accounts accounts;
  {
    Database database(accounts.state.account_file(accounts.id));
    database.execute(
        "INSERT INTO threads (row_id, jid, last_message_at) VALUES (1, '1@s.whatsapp.net', 0);"
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)"
        " INSERT INTO messages (thread, sent_at, document_id, from_me, type, status, source, body)"
        " SELECT 1, i, 'A' || i, 0, 'text', 0, 1, 'text' FROM n");
  }
  const AccountFile opened = AccountFile::open(accounts.state, accounts.id);
  auto indexed = opened.database->prepare("SELECT messages_to FROM search_state");
  REQUIRE(indexed.step());
  CHECK(indexed.integer(0) == 6000);
}

TEST_CASE("a current file is opened beside its holder") {
  const Accounts accounts;
  const AccountFile held = AccountFile::open(accounts.state, accounts.id);
  CHECK(open_beside_holder(accounts.state, accounts.id, std::chrono::milliseconds(0)) != nullptr);
}

}  // namespace account_file_test
