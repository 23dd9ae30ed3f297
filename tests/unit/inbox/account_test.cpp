#include "inbox/account.h"

#include "fixture.h"

namespace account_test {

using namespace wasync;
using namespace wasync::test;

namespace {

std::int64_t revision(InboxFile& file) {
  return file.number("SELECT revision FROM account");
}

}  // namespace

TEST_CASE("an account row is read as it was put") {
  InboxFile file;
  const auto account = read_account(file.db);
  REQUIRE(account);
  CHECK(account->id == file.account);
  CHECK(account->phone == kPhone);
  CHECK(account->jid == jid("40737123397:3@s.whatsapp.net"));
  CHECK(account->lid == jid("99887766:3@lid"));
  CHECK(account->status == AccountStatus::kConnected);
  CHECK(account->created_at == kNow);
}

TEST_CASE("every field survives an update, and only changes are revisions") {
  InboxFile file;
  const auto set = [](Account& a) {
    a.name = "New name";
    a.status = AccountStatus::kLoggedOut;
    a.last_connected_at = {1};
    a.last_disconnected_at = {2};
    a.last_disconnect_reason = "replaced";
    a.last_error = "e";
    a.last_history_sync_at = {3};
    a.history_sync_count = 4;
    a.last_history_result = {.saved = 1,
                             .skipped = 2,
                             .errors = 3,
                             .total = 4,
                             .placeholders = 5,
                             .chunks = 6,
                             .progress = 77,
                             .dry_run = true};
    a.history_complete = true;
    a.last_backfill_at = {5};
    a.last_backfill_result = {.threads = 8,
                              .messages = 9,
                              .errors = 10,
                              .first_threads = {{"account_x__1@g.us", "filled", 11},
                                                {"account_x__2@lid", "no_answer", 0}}};
    a.auto_backfill = {.at = {12},
                       .attempt_at = {13},
                       .success_at = {14},
                       .running = true,
                       .started_at = {15},
                       .trigger = "connect",
                       .holder = "host-1",
                       .ok = true,
                       .threads = 16,
                       .messages = 17,
                       .errors = 18,
                       .duration_ms = 19,
                       .error_code = "timeout",
                       .error_message = "too long"};
    a.last_realtime_ingest_at = {6};
    a.last_realtime_message_at = {7};
    a.last_realtime_error = "r";
  };
  const std::int64_t before = revision(file);
  CHECK(update_account(file.db, set));
  Account expected = *read_account(file.db);
  set(expected);
  CHECK(*read_account(file.db) == expected);
  CHECK(revision(file) == before + 1);
  CHECK_FALSE(update_account(file.db, set));
  CHECK(revision(file) == before + 1);
}

TEST_CASE("the heartbeat alone does not make the account dirty") {
  InboxFile file;
  const std::int64_t before = revision(file);
  CHECK(update_account(file.db, [](Account& a) { a.last_server_traffic_at = {9}; }));
  CHECK(read_account(file.db)->last_server_traffic_at.value == 9);
  CHECK(revision(file) == before);
}

TEST_CASE("pairing again keeps the history of the account") {
  InboxFile file;
  update_account(file.db, [](Account& a) {
    a.history_sync_count = 7;
    a.last_connected_at = {5};
    a.status = AccountStatus::kLoggedOut;
    a.last_error = "logged out";
  });
  put_account(file.db, Account{.id = file.account,
                               .phone = std::string(kPhone),
                               .jid = jid("40737123397:9@s.whatsapp.net"),
                               .status = AccountStatus::kConnecting,
                               .created_at = {kNow.value + 1000}});
  const auto account = read_account(file.db);
  CHECK(account->jid.device == 9);
  CHECK(account->lid == jid("99887766:3@lid"));
  CHECK(account->name == "Shop");
  CHECK(account->created_at == kNow);
  CHECK(account->history_sync_count == 7);
  CHECK(account->status == AccountStatus::kConnecting);
  CHECK(account->last_error.empty());
  CHECK_THROWS_AS(put_account(file.db, Account{.id = account_id_for("+40700000000")}), Error);
}

TEST_CASE("a file without an account says so") {
  ScratchDir scratch;
  Database db(scratch.path() / "x.db");
  migrate_inbox(db);
  CHECK_FALSE(read_account(db));
  CHECK_THROWS_AS(update_account(db, [](Account&) {}), Error);
  CHECK_THROWS_AS(list_threads(db), Error);
}

TEST_CASE("status names are stable") {
  CHECK(name(AccountStatus::kNeedsQr) == "needs_qr");
  CHECK(name(AccountStatus::kLoggedOut) == "logged_out");
  for (const auto status :
       {AccountStatus::kConnecting, AccountStatus::kNeedsQr, AccountStatus::kConnected,
        AccountStatus::kDisconnected, AccountStatus::kLoggedOut}) {
    CHECK(account_status_from(name(status)) == status);
  }
  CHECK_FALSE(account_status_from("?"));
}

TEST_CASE("a file of a newer version is refused and not touched") {
  InboxFile file;
  file.db.execute("UPDATE schema_versions SET version = 999 WHERE component = 'inbox'");
  try {
    migrate_inbox(file.db);
    FAIL("was accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kStoreTooNew);
  }
  CHECK(file.number("SELECT version FROM schema_versions WHERE component = 'inbox'") == 999);
}

}  // namespace account_test
