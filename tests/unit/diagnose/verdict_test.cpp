#include "diagnose/verdict.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "unit/diagnose/broken_inboxes.h"

namespace verdict_test {

using namespace wasync;
using namespace wasync::diagnosis;
using namespace wasync::test;

namespace {

void check(Observations seen, const Row& row) {
  CAPTURE(row.what);
  row.breaking(seen);
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == name(row.verdict));
  CHECK(name(found.judgement.cause) == name(row.cause));
  REQUIRE(found.judgement.decisive.has_value());
  CHECK(found.judgement.decisive->finding == row.finding);
  int broken = 0;
  for (const Check& each : found.checks) broken += each.state == CheckState::kBroken ? 1 : 0;
  for (const AccountDiagnosis& account : found.accounts)
    for (const Check& each : account.checks) broken += each.state == CheckState::kBroken ? 1 : 0;
  CHECK(broken == (found.judgement.decisive->state == CheckState::kBroken ? 1 : 0));
}

void check_healthy(const Observations& seen) {
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == "HEALTHY");
  CHECK(found.judgement.cause == Cause::kNone);
  CHECK_FALSE(found.judgement.decisive.has_value());
  for (const Check& each : found.checks) CHECK(each.state == CheckState::kOk);
  for (const AccountDiagnosis& account : found.accounts)
    for (const Check& each : account.checks) CHECK(each.state == CheckState::kOk);
}

std::vector<CheckId> ids(const AccountDiagnosis& account) {
  std::vector<CheckId> out;
  for (const Check& each : account.checks) out.push_back(each.id);
  return out;
}

}  // namespace

TEST_CASE("each cause is found by itself, with SQLite and with Firestore") {
  for (const auto* rows : {&rows_anywhere(), &rows_live()})
    for (const Row& row : *rows) {
      check(healthy(), row);
      check(healthy_in_firestore(), row);
    }
  for (const Row& row : rows_of_sqlite()) check(healthy(), row);
  for (const Row& row : rows_of_firestore()) check(healthy_in_firestore(), row);
}

TEST_CASE("every cause of the contract has a row") {
  std::set<int> causes;
  for (const auto* rows : {&rows_anywhere(), &rows_of_sqlite(), &rows_of_firestore()})
    for (const Row& row : *rows) causes.insert(static_cast<int>(row.cause));
  for (int cause = 10; cause <= 19; ++cause) CHECK(causes.contains(cause));
}

TEST_CASE("an Inbox in order is healthy") {
  check_healthy(healthy());
  check_healthy(healthy_in_firestore());
}

TEST_CASE("what is usual is no fault") {
  using Change = std::function<void(Observations&)>;
  const std::vector<Change> changes = {
      // messages of this second, on their way
      [](Observations& o) { stored_in(o).totals.unsent = 3; },
      // a backup was put back, and the link goes on
      [](Observations& o) { stored_in(o).restored_at = ago(kDay_s); },
      // some people have written nothing yet
      [](Observations& o) { stored_in(o).inbox.shown_placeholders = 6; },
      [](Observations& o) { stored_in(o).undecryptable = {.waiting = 2, .lost = 1}; },
      [](Observations& o) { stored_in(o).left_out = {.of_share = 3, .last_at = ago(600)}; },
      [](Observations& o) { stored_in(o).full_history_requested = false; },
      // pair has seen it through, and the phone said less than 100 percent
      [](Observations& o) {
        stored_in(o).history.verdict = HistoryProgress::Verdict::kPerhapsMore;
      },
      // a listener took it in, and the phone said 100 percent a while ago
      [](Observations& o) {
        stored_in(o).history.verdict = HistoryProgress::Verdict::kPerhapsMore;
        stored_in(o).history_awaited = true;
      },
      // threads of new messages, which were backfilled
      [](Observations& o) {
        no_history(stored_in(o));
        stored_in(o).never_asked = 0;
      },
      // a large history is being sent
      [](Observations& o) {
        stored_in(o).totals.unsent = 40'000;
        stored_in(o).unsent_since = ago(30 * kMinute_s);
      },
      // as far as clocks of hosts agree
      [](Observations& o) { o.accounts.front().firestore.clock_skew = std::chrono::seconds(90); },
      // the phone did not answer when it was asked for old messages
      [](Observations& o) {
        stored_in(o).account.auto_backfill = {
            .at = ago(600), .attempt_at = ago(700), .error_message = "the phone is off"};
      },
      // linked twice, once upon a time
      [](Observations& o) {
        o.accounts.push_back(o.accounts.front());
        o.accounts.back().id = account_id_for("+40711111111");
        std::get<StoredAccount>(o.accounts.back().stored).linked = false;
      },
      // `pair` works with the account
      [](Observations& o) { holder_in(o).listening.reset(); },
      // a large file, still being checked
      [](Observations& o) { o.accounts.front().file = NotLooked{}; },
      [](Observations& o) {
        o.accounts.front().firestore.same_phone =
            std::vector<SameAccount>{{.id = "account_dev_1", .status = "disconnected"}};
      },
      [](Observations& o) { o.accounts.front().firestore.same_phone = NotLooked{}; },
  };
  for (const Change& change : changes) {
    for (Observations seen : {healthy(), healthy_in_firestore()}) {
      change(seen);
      CAPTURE(&change - changes.data());
      const Diagnosis found = diagnosis::diagnose(seen);
      CHECK(name(found.judgement.verdict) == "HEALTHY");
      CHECK(found.judgement.cause == Cause::kNone);
    }
  }
}

TEST_CASE("what senders used up their share with is told of the conversations") {
  Observations seen = healthy();
  stored_in(seen).left_out = {.of_share = 3, .not_asked = 4, .last_at = ago(600)};
  const Diagnosis found = diagnosis::diagnose(seen);
  const auto& checks = found.accounts.front().checks;
  const auto check = std::ranges::find(checks, CheckId::kThreads, &Check::id);
  REQUIRE(check != checks.end());
  CHECK(check->state == CheckState::kOk);
  CHECK(check->finding == Finding::kThreadsLeftOut);
}

TEST_CASE("what was too large is told of the history") {
  Observations seen = healthy();
  stored_in(seen).too_large = 2;
  stored_in(seen).too_large_in = "thread_1";
  const Diagnosis found = diagnosis::diagnose(seen);
  const auto& checks = found.accounts.front().checks;
  const auto check = std::ranges::find(checks, CheckId::kHistory, &Check::id);
  REQUIRE(check != checks.end());
  CHECK(check->state == CheckState::kOk);
  CHECK(check->finding == Finding::kHistoryWithoutLarge);
}

TEST_CASE("what became of backfills") {
  const auto found = [](const std::function<void(Account&)>& change) {
    Observations seen = healthy();
    seen.scheduled_backfill = BackfillPace{.after_success = std::chrono::hours(6),
                                           .after_attempt = std::chrono::minutes(10)};
    change(stored_in(seen).account);
    const Diagnosis diagnosis = diagnosis::diagnose(seen);
    CHECK(diagnosis.judgement.cause == Cause::kNone);
    const auto& checks = diagnosis.accounts.front().checks;
    const auto check = std::ranges::find(checks, CheckId::kBackfill, &Check::id);
    REQUIRE(check != checks.end());
    return *check;
  };
  const auto fact = [](const Check& check, std::string_view name) {
    return std::ranges::find(check.facts, name, &Fact::name)->value;
  };
  CHECK(found([](Account&) {}).finding == Finding::kNeverFilled);
  Check check = found([](Account& account) {
    account.last_backfill_at = ago(300);
    account.last_backfill_result = {.threads = 3, .messages = 40};
  });
  CHECK(check.finding == Finding::kFilled);
  CHECK(fact(check, "messages") == FactValue(std::int64_t{40}));
  check = found([](Account& account) {
    account.last_backfill_at = ago(7200);
    account.auto_backfill = {.at = ago(3600),
                             .attempt_at = ago(3700),
                             .success_at = ago(3600),
                             .ok = true,
                             .threads = 12,
                             .messages = 200};
  });
  CHECK(check.finding == Finding::kFilledRests);
  CHECK(fact(check, "messages") == FactValue(std::int64_t{200}));
  CHECK(fact(check, "until") == FactValue(UnixSeconds{ago(3600).value + 6 * 3600}));
  check = found([](Account& account) {
    account.auto_backfill = {.at = ago(60), .attempt_at = ago(90), .error_message = "no answer"};
  });
  CHECK(check.finding == Finding::kFillingFailed);
  check = found([](Account& account) {
    account.auto_backfill = {.attempt_at = ago(9), .running = true, .started_at = ago(9)};
  });
  CHECK(check.finding == Finding::kFilling);
}

TEST_CASE("what is wrong with a clock is not said again of what it breaks") {
  Observations seen = healthy_in_firestore();
  seen.accounts.push_back(account("+40711111111"));
  refuse_document(seen, {.message = "invalid_grant"}, std::chrono::minutes(10));
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(found.judgement.decisive->finding == Finding::kClockAhead);
  CHECK_FALSE(found.about.has_value());
  for (const AccountDiagnosis& each : found.accounts)
    for (const Check& check : each.checks)
      CHECK((check.state == CheckState::kOk || check.state == CheckState::kSkipped));
}

TEST_CASE("WhatsApp's clock serves as well as Google's") {
  Observations seen = healthy();
  seen.accounts.front().live = Live{.answer = Answered{}, .server_time = ago(300), .at = kLookedAt};
  const Diagnosis found = diagnosis::diagnose(seen);
  REQUIRE(found.judgement.decisive.has_value());
  CHECK(found.judgement.decisive->finding == Finding::kClockAhead);
  CHECK(name(found.judgement.verdict) == "STALE");
}

TEST_CASE("what time servers told the listener serves as well, when nobody asks them") {
  Observations seen = healthy();
  holder_in(seen).listening->clock_ahead = -std::chrono::hours(240);
  const Diagnosis found = diagnosis::diagnose(seen);
  REQUIRE(found.judgement.decisive.has_value());
  CHECK(found.judgement.decisive->finding == Finding::kClockBehind);
  holder_in(seen).listening->clock_ahead = std::chrono::seconds(1);
  CHECK(diagnosis::diagnose(seen).judgement.verdict == Verdict::kHealthy);
  // What was just asked is newer.
  holder_in(seen).listening->clock_ahead = std::chrono::hours(240);
  seen.accounts.front().live = Live{.answer = Answered{}, .server_time = ago(1), .at = kLookedAt};
  CHECK(diagnosis::diagnose(seen).judgement.verdict == Verdict::kHealthy);
}

TEST_CASE("conversations that were not read are said to be more") {
  Observations seen = healthy_in_firestore();
  auto& query = std::get<1>(seen.accounts.front().firestore.query);
  std::get<InboxSight>(query).not_read = 670;
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == "HEALTHY");
  CHECK(found.judgement.shown == 12);
  CHECK(found.judgement.not_read == 670);
}

TEST_CASE("a phone without conversations: empty, and nothing is wrong") {
  Observations seen = healthy();
  nothing_here(stored_in(seen));
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == "EMPTY");
  CHECK(found.judgement.cause == Cause::kNone);
  REQUIRE(found.judgement.decisive.has_value());
  CHECK(found.judgement.decisive->finding == Finding::kNoConversations);
}

TEST_CASE("of several faults the first in the pipeline is named, and the others do not shout") {
  Observations seen = healthy_in_firestore();
  std::vector<const Row*> rows;
  // From the last link to the first: each new fault takes over.
  const auto add = [&](const std::vector<Row>& from, const char* what) {
    const auto row =
        std::ranges::find_if(from, [&](const Row& each) { return std::string(each.what) == what; });
    REQUIRE(row != from.end());
    rows.push_back(&*row);
  };
  add(rows_of_firestore(), "the same phone under another id");
  add(rows_of_firestore(), "threads without lastMessageAt");
  add(rows_of_firestore(), "the index is missing");
  add(rows_of_firestore(), "another status");
  add(rows_of_firestore(), "Firestore takes nothing");
  add(rows_anywhere(), "placeholders for the most part");
  add(rows_anywhere(), "the phone stopped half way");
  add(rows_anywhere(), "a listener that cannot connect");
  add(rows_anywhere(), "logged out");
  add(rows_of_firestore(), "another project than that of the account");
  add(rows_of_firestore(), "an emulator and credentials");
  for (const Row* row : rows) {
    CAPTURE(row->what);
    row->breaking(seen);
    const Diagnosis found = diagnosis::diagnose(seen);
    REQUIRE(found.judgement.decisive.has_value());
    CHECK(found.judgement.decisive->finding == row->finding);
    CHECK(found.judgement.cause == row->cause);
    for (const Check& each : found.accounts.front().checks) {
      if (each.id > found.judgement.decisive->id) CHECK(each.state != CheckState::kBroken);
    }
  }
}

TEST_CASE("checks stand in the order of the pipeline") {
  for (const Observations& seen : {healthy(), healthy_in_firestore()})
    CHECK(std::ranges::is_sorted(ids(diagnosis::diagnose(seen).accounts.front())));
}

TEST_CASE("with SQLite there is no check of Firestore") {
  for (const CheckId id : ids(diagnosis::diagnose(healthy()).accounts.front())) {
    CHECK(id != CheckId::kFirestore);
    CHECK(id != CheckId::kUploadQueue);
    CHECK(id != CheckId::kLease);
  }
}

TEST_CASE("several accounts: the worst verdict, the earliest cause, and where it is") {
  Observations seen = healthy();
  seen.accounts.push_back(account("+40711111111"));
  seen.accounts.push_back(account("+40722222222"));
  auto& second = std::get<StoredAccount>(seen.accounts[1].stored);
  second.inbox.shown_placeholders = 12;
  std::get<Holder>(seen.accounts[2].holder) = {};
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == "STALE");
  CHECK(found.judgement.cause == Cause::kNotConnected);
  CHECK(found.about == seen.accounts[2].id);
  CHECK(found.judgement.shown == 36);
  CHECK(name(found.accounts[0].judgement.verdict) == "HEALTHY");
  CHECK(name(found.accounts[1].judgement.verdict) == "INCOMPLETE");
}

TEST_CASE("a broken file does not hide the others") {
  Observations seen = healthy();
  seen.accounts.push_back(account("+40711111111"));
  seen.accounts[0].stored = NotLooked{.why = "file is not a database"};
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == "BLIND");
  CHECK(found.judgement.cause == Cause::kOther);
  CHECK(found.about == seen.accounts[0].id);
  CHECK(name(found.accounts[1].judgement.verdict) == "HEALTHY");
}

TEST_CASE("one that was unlinked on purpose is no fault while there are others") {
  Observations seen = healthy();
  stored_in(seen).linked = false;
  seen.accounts.push_back(account("+40711111111"));
  const Diagnosis found = diagnosis::diagnose(seen);
  CHECK(name(found.judgement.verdict) == "HEALTHY");
  CHECK(found.judgement.cause == Cause::kNone);
}

}  // namespace verdict_test
