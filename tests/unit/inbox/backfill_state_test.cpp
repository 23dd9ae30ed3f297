#include "fixture.h"

namespace backfill_state_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::size_t kVersionBefore = 6;  // the account's row held it

}  // namespace

TEST_CASE("an account that was never backfilled has no rows of it") {
  InboxFile file;
  update_account(file.db, [](Account& account) { account.last_error = "another matter"; });
  CHECK(file.number("SELECT (SELECT count(*) FROM last_backfill) + (SELECT count(*) FROM"
                    " auto_backfill)") == 0);
}

TEST_CASE("the threads of the last backfill replace those of the one before, in their order") {
  InboxFile file;
  const auto store = [&](std::vector<BackfilledThread> threads) {
    update_account(file.db, [&](Account& account) {
      account.last_backfill_result.first_threads = std::move(threads);
    });
    return read_account(file.db)->last_backfill_result.first_threads;
  };
  const std::vector<BackfilledThread> three{
      {"z", "filled", 3}, {"a", "exhausted", 0}, {"m", "error", 0}};
  CHECK(store(three) == three);
  const std::vector<BackfilledThread> one{{"a", "filled", 1}};
  CHECK(store(one) == one);
  CHECK(store(std::vector<BackfilledThread>(kBackfilledThreadsKept + 5, one.front())).size() ==
        kBackfilledThreadsKept);
  CHECK(store({}).empty());
}

TEST_CASE("what the account's row held before is moved") {
  const ScratchDir scratch;
  Database database(scratch.path() / "a.db");
  const Tables all = inbox_tables();
  migrate(database, {all.component, all.migrations.first(kVersionBefore)});
  database.execute(
      "INSERT INTO account (row_id, account_id, phone, status, last_backfill_at, backfill_threads,"
      " backfill_messages, backfill_errors, backfill_first_threads, auto_backfill_at,"
      " auto_backfill_attempt_at, auto_backfill_trigger, auto_backfill_ok,"
      " auto_backfill_error_message) VALUES (1, '" +
      account_id_for(kPhone).str() + "', '" + std::string(kPhone) +
      "', 'connected', 11, 3, 40, 1,"
      " 'filled 40 account_x__1@g.us' || char(10) || 'no_answer 0 account_x__2@lid' || char(10),"
      " 12, 13, 'periodic', 1, 'too long')");
  migrate_inbox(database);
  const auto account = read_account(database);
  REQUIRE(account);
  CHECK(account->last_backfill_at.value == 11);
  CHECK(account->last_backfill_result ==
        BackfillResult{.threads = 3,
                       .messages = 40,
                       .errors = 1,
                       .first_threads = {{"account_x__1@g.us", "filled", 40},
                                         {"account_x__2@lid", "no_answer", 0}}});
  CHECK(account->auto_backfill == AutoBackfill{.at = {12},
                                               .attempt_at = {13},
                                               .trigger = "periodic",
                                               .ok = true,
                                               .error_message = "too long"});
}

TEST_CASE("a file without an account, or without a backfill, has nothing to move") {
  const ScratchDir scratch;
  Database database(scratch.path() / "a.db");
  const Tables all = inbox_tables();
  migrate(database, {all.component, all.migrations.first(kVersionBefore)});
  migrate_inbox(database);
  CHECK_FALSE(read_account(database));
}

}  // namespace backfill_state_test
