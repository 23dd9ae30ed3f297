#include "diagnose/verdict.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sights.h"

using namespace wasync;
using namespace wasync::diagnosis;
using namespace wasync::test;

namespace {

// One thing broken in an Inbox that is otherwise in order.
struct Row {
  const char* what;
  std::function<void(Observations&)> breaking;
  Verdict verdict;
  Cause cause;
  Finding finding;
};

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

void nothing_here(StoredAccount& stored) {
  stored.totals = {};
  stored.inbox = {};
  stored.never_asked = 0;
}

void no_history(StoredAccount& stored) {
  stored.history = {};
  stored.account.last_history_result = {};
}

void set_configuration(Observations& seen, Configuration configuration) {
  seen.configuration = std::variant<Configuration, Unusable>(std::move(configuration));
}

const std::vector<Row>& rows_anywhere() {
  static const std::vector<Row> rows = {
      {"nobody paired", [](Observations& o) { o.accounts.clear(); }, Verdict::kEmpty,
       Cause::kNoAccount, Finding::kNoAccount},
      {"unlinked", [](Observations& o) { stored_in(o).linked = false; }, Verdict::kStale,
       Cause::kNoAccount, Finding::kUnlinked},
      {"logged out",
       [](Observations& o) { stored_in(o).account.status = AccountStatus::kLoggedOut; },
       Verdict::kStale, Cause::kNotConnected, Finding::kLoggedOut},
      {"nobody listens", [](Observations& o) { holder_in(o) = {}; }, Verdict::kStale,
       Cause::kNotConnected, Finding::kNobodyListens},
      {"a listener that hangs",
       [](Observations& o) {
         holder_in(o).listening.reset();
         holder_in(o).silent = "no answer";
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kHolderSilent},
      {"a listener that connects",
       [](Observations& o) { holder_in(o).listening->connected_since = {}; }, Verdict::kStale,
       Cause::kNotConnected, Finding::kConnecting},
      {"a listener that cannot connect",
       [](Observations& o) {
         holder_in(o).listening->connected_since = {};
         holder_in(o).listening->trouble = "Connection refused";
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kNotConnected},
      {"a connection that is dead",
       [](Observations& o) { holder_in(o).listening->last_server_traffic = ago(3600); },
       Verdict::kStale, Cause::kNotConnected, Finding::kNothingHeard},
      {"just paired",
       [](Observations& o) {
         no_history(stored_in(o));
         stored_in(o).history_awaited = true;
         stored_in(o).paired_at = ago(30);
       },
       Verdict::kIncomplete, Cause::kHistoryArriving, Finding::kHistoryAwaited},
      {"chunks wait",
       [](Observations& o) {
         stored_in(o).history.queue.waiting = 2;
         stored_in(o).account.last_history_sync_at = ago(20);
       },
       Verdict::kIncomplete, Cause::kHistoryArriving, Finding::kHistoryArriving},
      {"the phone stopped half way",
       [](Observations& o) {
         stored_in(o).history.verdict = HistoryProgress::Verdict::kAwaiting;
         stored_in(o).history_awaited = true;
       },
       Verdict::kIncomplete, Cause::kHistoryArriving, Finding::kHistoryStalled},
      {"history was only tried",
       [](Observations& o) { stored_in(o).account.last_history_result.dry_run = true; },
       Verdict::kIncomplete, Cause::kConfiguration, Finding::kHistoryTried},
      {"parts of the history are lost",
       [](Observations& o) { stored_in(o).history.queue.failed = 1; }, Verdict::kIncomplete,
       Cause::kOldMessagesMissing, Finding::kHistoryPartsLost},
      {"threads of new messages alone", [](Observations& o) { no_history(stored_in(o)); },
       Verdict::kIncomplete, Cause::kOldMessagesMissing, Finding::kOldMessagesMissing},
      {"placeholders for the most part",
       [](Observations& o) { stored_in(o).inbox.shown_placeholders = 7; }, Verdict::kIncomplete,
       Cause::kOldMessagesMissing, Finding::kMostlyPlaceholders},
      {"a damaged file", [](Observations& o) { o.accounts.front().file = FileHealth::kDamaged; },
       Verdict::kBlind, Cause::kOther, Finding::kFileDamaged},
      {"an unreadable file",
       [](Observations& o) { o.accounts.front().stored = NotLooked{.why = "denied"}; },
       Verdict::kBlind, Cause::kOther, Finding::kNotLooked},
      {"a full disk",
       [](Observations& o) { std::get<StateDirectory>(o.state_dir).free_bytes = 4096; },
       Verdict::kStale, Cause::kOther, Finding::kNoSpace},
      {"an unreadable state directory",
       [](Observations& o) {
         o.accounts.clear();
         o.state_dir = NotLooked{.why = "denied"};
       },
       Verdict::kBlind, Cause::kOther, Finding::kNotLooked},
      {"credentials that are none",
       [](Observations& o) {
         o.configuration = std::variant<Configuration, Unusable>(Unusable{.what = "no key"});
       },
       Verdict::kBlind, Cause::kConfiguration, Finding::kConfigUnusable},
  };
  return rows;
}

const std::vector<Row>& rows_of_sqlite() {
  static const std::vector<Row> rows = {
      {"no history, no message",
       [](Observations& o) {
         no_history(stored_in(o));
         nothing_here(stored_in(o));
       },
       Verdict::kEmpty, Cause::kNoHistory, Finding::kNoHistory},
      {"everything hidden",
       [](Observations& o) {
         stored_in(o).inbox = {.threads = 3, .hidden = {{HiddenBecause::kArchived, 3}}};
       },
       Verdict::kEmpty, Cause::kAllHidden, Finding::kAllHidden},
      {"the account is in a Firestore that is not configured",
       [](Observations& o) { stored_in(o).upload_target = kTarget; }, Verdict::kBlind,
       Cause::kConfiguration, Finding::kFirestoreNotConfigured},
  };
  return rows;
}

const std::vector<Row>& rows_of_firestore() {
  static const std::vector<Row> rows = {
      {"no history, no message",
       [](Observations& o) {
         no_history(stored_in(o));
         nothing_here(stored_in(o));
         o.accounts.front().firestore.query = std::variant<InboxSight, Refusal>(InboxSight{});
       },
       Verdict::kEmpty, Cause::kNoHistory, Finding::kNoHistory},
      {"a listener without Firestore",
       [](Observations& o) {
         holder_in(o).listening->uploads = false;
         stored_in(o).totals.unsent = 20;
       },
       Verdict::kStale, Cause::kNotUploaded, Finding::kListenerSendsNothing},
      {"Firestore takes nothing",
       [](Observations& o) {
         holder_in(o).listening->upload_trouble = "Quota exceeded.";
         stored_in(o).totals.unsent = 20;
       },
       Verdict::kStale, Cause::kNotUploaded, Finding::kQueueStuck},
      {"a document is refused", [](Observations& o) { stored_in(o).totals.set_aside = 1; },
       Verdict::kIncomplete, Cause::kNotUploaded, Finding::kSetAside},
      {"no network",
       [](Observations& o) { refuse_document(o, {.unreachable = true, .message = "refused"}); },
       Verdict::kBlind, Cause::kFirestoreUnreachable, Finding::kFirestoreUnreachable},
      {"Firestore hangs", [](Observations& o) { o.accounts.front().firestore = {}; },
       Verdict::kBlind, Cause::kFirestoreUnreachable, Finding::kFirestoreUnreachable},
      {"permission denied", [](Observations& o) { refuse_document(o, {.message = "denied"}); },
       Verdict::kBlind, Cause::kQueryFails, Finding::kFirestoreRefuses},
      {"no document", [](Observations& o) { document_in(o) = {}; }, Verdict::kEmpty,
       Cause::kNotUploaded, Finding::kDocumentMissing},
      {"another status", [](Observations& o) { document_in(o).status = "needs_qr"; },
       Verdict::kEmpty, Cause::kNotConnected, Finding::kDocumentStatus},
      {"another host runs it",
       [](Observations& o) {
         holder_in(o) = {};
         document_in(o).claimed_by = "other-1";
       },
       Verdict::kBlind, Cause::kHeldElsewhere, Finding::kHeldElsewhere},
      {"two hosts run it", [](Observations& o) { document_in(o).claimed_by = "other-1"; },
       Verdict::kBlind, Cause::kHeldElsewhere, Finding::kLeaseElsewhere},
      {"a lease that has run out",
       [](Observations& o) {
         holder_in(o) = {};
         document_in(o).claimed_by = "other-1";
         document_in(o).lease_until = ago(1);
       },
       Verdict::kStale, Cause::kNotConnected, Finding::kNobodyListens},
      {"the index is missing",
       [](Observations& o) {
         refuse_query(o, {.message = "needs an index", .create_index_link = "https://console."});
       },
       Verdict::kEmpty, Cause::kQueryFails, Finding::kIndexMissing},
      {"the query is refused", [](Observations& o) { refuse_query(o, {.message = "denied"}); },
       Verdict::kBlind, Cause::kQueryFails, Finding::kQueryRefused},
      {"the query hangs", [](Observations& o) { o.accounts.front().firestore.query = NotLooked{}; },
       Verdict::kBlind, Cause::kFirestoreUnreachable, Finding::kQueryUnreachable},
      {"everything hidden",
       [](Observations& o) {
         o.accounts.front().firestore.query = std::variant<InboxSight, Refusal>(
             InboxSight{.threads = 3, .hidden = {{HiddenBecause::kHidden, 3}}});
       },
       Verdict::kEmpty, Cause::kAllHidden, Finding::kAllHidden},
      {"threads without lastMessageAt",
       [](Observations& o) {
         o.accounts.front().firestore.without_last_message_at = std::int64_t{2};
       },
       Verdict::kIncomplete, Cause::kAllHidden, Finding::kWithoutTime},
      {"the same phone under another id",
       [](Observations& o) {
         o.accounts.front().firestore.same_phone =
             std::vector<SameAccount>{{.id = "account_dev_1", .status = "connected"}};
       },
       Verdict::kIncomplete, Cause::kConfiguration, Finding::kSamePhone},
      {"another project than that of the account",
       [](Observations& o) { stored_in(o).upload_target = "projects/old"; }, Verdict::kBlind,
       Cause::kConfiguration, Finding::kInboxElsewhere},
      {"an emulator and credentials",
       [](Observations& o) {
         set_configuration(o, {.target = kTarget,
                               .project = "superparty",
                               .beside_emulator = "GOOGLE_APPLICATION_CREDENTIALS"});
       },
       Verdict::kIncomplete, Cause::kConfiguration, Finding::kEmulatorBesideCredentials},
  };
  return rows;
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
  for (const Row& row : rows_anywhere()) {
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
      // some people have written nothing yet
      [](Observations& o) { stored_in(o).inbox.shown_placeholders = 6; },
      [](Observations& o) { stored_in(o).undecryptable = {.waiting = 2, .lost = 1}; },
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
