#include "diagnose/probe.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "base/environment.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "diagnose/probes.h"
#include "google/credentials.h"
#include "inbox/schema.h"
#include "scratch_dir.h"
#include "session/device/schema.h"
#include "unit/google/google.h"
#include "unit/http_stub.h"

namespace probe_test {

using namespace wasync;
using namespace wasync::diagnosis;
namespace fs = std::filesystem;

namespace {

struct Scratch {
  test::ScratchDir directory;

  ProbeOptions options() const {
    return {.inbox = [] { return std::nullopt; },
            .state_dir = directory / "state",
            .ask_holder = [](const StateDir&, const AccountId&,
                             std::chrono::milliseconds) { return std::nullopt; },
            .timeout = std::chrono::seconds(60)};
  }
  AccountId add(const std::string& phone) const {
    const StateDir state = StateDir::open(directory / "state");
    const AccountId id = account_id_for(phone);
    state.create_account(id);
    Database database(state.account_file(id));
    migrate_inbox(database);
    migrate(database, session_tables());
    put_account(database, Account{.id = id, .phone = phone});
    return id;
  }
  fs::path state() const { return directory / "state"; }
};

}  // namespace

TEST_CASE("a state directory that is not there") {
  const Scratch scratch;
  const Observed found = observe(scratch.options());
  REQUIRE(seen(found.seen.state_dir) != nullptr);
  CHECK_FALSE(seen(found.seen.state_dir)->exists);
  CHECK(found.seen.accounts.empty());
  CHECK_FALSE(fs::exists(scratch.state()));
  CHECK_FALSE(found.threads_left);
}

TEST_CASE("one that others may enter is not looked into, and the reason is told") {
  const Scratch scratch;
  scratch.add("+40711111111");
  ::chmod(scratch.state().c_str(), 0755);
  const Observed found = observe(scratch.options());
  const auto* why = std::get_if<NotLooked>(&found.seen.state_dir);
  REQUIRE(why != nullptr);
  CHECK(why->hint.in(Language::kEnglish).find("chmod 700") != std::string::npos);
  CHECK(found.seen.accounts.empty());
}

TEST_CASE("each account by itself, in the order of their ids") {
  const Scratch scratch;
  const AccountId first = scratch.add("+40711111111");
  const AccountId second = scratch.add("+40722222222");
  Observed found = observe(scratch.options());
  REQUIRE(found.seen.accounts.size() == 2);
  CHECK(found.seen.accounts[0].id == std::min(first, second));
  for (const AccountObservation& each : found.seen.accounts) {
    REQUIRE(seen(each.stored) != nullptr);
    CHECK_FALSE(seen(each.stored)->linked);
    REQUIRE(seen(each.file) != nullptr);
    CHECK(*seen(each.file) == FileHealth::kSound);
    REQUIRE(seen(each.holder) != nullptr);
    CHECK_FALSE(seen(each.holder)->pid.has_value());
  }
  ProbeOptions options = scratch.options();
  options.only = second;
  found = observe(options);
  REQUIRE(found.seen.accounts.size() == 1);
  CHECK(found.seen.accounts[0].id == second);
}

TEST_CASE("a large file is verified only when that is asked for") {
  const Scratch scratch;
  const AccountId id = scratch.add("+40711111111");
  {
    Database database(StateDir::open(scratch.state()).account_file(id));
    database.execute("CREATE TABLE ballast (x); INSERT INTO ballast VALUES (zeroblob(65 << 20))");
  }
  ProbeOptions options = scratch.options();
  Observed found = observe(options);
  CHECK(seen(found.seen.accounts.at(0).file) == nullptr);
  CHECK(seen(found.seen.accounts.at(0).stored) != nullptr);
  options.check_file = true;
  found = observe(options);
  REQUIRE(seen(found.seen.accounts.at(0).file) != nullptr);
  CHECK(*seen(found.seen.accounts.at(0).file) == FileHealth::kSound);
}

TEST_CASE(
    "of many conversations the app's newest thousand are looked at, and the others are told") {
  const Scratch scratch;
  const AccountId id = scratch.add("+40737123397");
  const fs::path file = StateDir::open(scratch.state()).account_file(id);
  {
    Database database(file);
    database.execute(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
        " INSERT INTO threads (jid, name, last_message_at, messages)"
        " SELECT printf('4079%07d@s.whatsapp.net', i), 'N', 1600000000 + i, 1 FROM n");
  }
  const StoredAccount found = probe_account(file, UnixSeconds::now());
  CHECK(found.inbox.threads == 1000);
  CHECK(found.inbox.shown == 1000);
  CHECK(found.inbox.not_read == 500);
  CHECK(found.never_asked == 1000);
  {
    Database database(file);
    database.execute("DELETE FROM threads WHERE row_id > 999");
  }
  CHECK(probe_account(file, UnixSeconds::now()).inbox.not_read == 0);
}

TEST_CASE("tables of another version are not read, and not brought up to date") {
  const Scratch scratch;
  const AccountId id = scratch.add("+40711111111");
  const fs::path file = StateDir::open(scratch.state()).account_file(id);
  {
    Database database(file);
    database.execute("UPDATE schema_versions SET version = 1 WHERE component = 'inbox'");
  }
  const Observed found = observe(scratch.options());
  const auto* why = std::get_if<NotLooked>(&found.seen.accounts[0].stored);
  REQUIRE(why != nullptr);
  CHECK(why->hint.in(Language::kEnglish).find("wa-sync accounts list") != std::string::npos);
  Database database(file, Database::Mode::kReadOnly);
  CHECK(tables_age(database, inbox_tables()) == TablesAge::kOlder);
}

TEST_CASE("a configuration that contradicts itself is seen, not thrown") {
  const Scratch scratch;
  ProbeOptions options = scratch.options();
  options.inbox = []() -> std::optional<FirestoreInbox> {
    throw Error(ErrorCode::kConfig, "no key", "make one");
  };
  const Observed found = observe(options);
  REQUIRE(seen(found.seen.configuration) != nullptr);
  const auto* unusable = std::get_if<Unusable>(seen(found.seen.configuration));
  REQUIRE(unusable != nullptr);
  CHECK(unusable->what == "no key");
  CHECK(unusable->hint == "make one");
}

namespace {

// A Firestore of so many conversations, of which the app shows all but the first `hidden`.
class Firestore {
 public:
  Firestore(int threads, int hidden)
      : threads_(threads),
        hidden_(hidden),
        // Ours is ten minutes ahead.
        date_(test::date_header({UnixSeconds::now().value - 600})),
        stub_([this](const std::string& request) { return answer(request); }) {}

  std::optional<FirestoreInbox> inbox() const {
    const std::string host = "127.0.0.1:" + std::to_string(stub_.port());
    const Environment environment = [&](const char* name) -> std::optional<std::string> {
      return std::string_view(name) == "FIRESTORE_EMULATOR_HOST" ? std::optional(host)
                                                                 : std::nullopt;
    };
    return FirestoreInbox{
        .target = {.project = "shop", .emulator = host},
        .credentials = std::make_shared<Credentials>(Credentials::find(environment))};
  }
  int read() const { return read_; }

 private:
  std::string answer(const std::string& request) {
    const auto body = nlohmann::json::parse(synthetic::body_of(request));
    if (request.find(":batchGet") != std::string::npos) return send({{{"missing", "x"}}});
    if (request.find(":runAggregationQuery") != std::string::npos)
      return send(
          {{{"result",
             {{"aggregateFields", {{"n", {{"integerValue", std::to_string(threads_)}}}}}}}}});
    const int limit = std::min(threads_, body["structuredQuery"]["limit"].get<int>());
    auto out = nlohmann::json::array();
    for (int i = 0; i < limit; ++i)
      out.push_back(
          {{"document",
            {{"name", "projects/shop/databases/(default)/documents/threads/t" + std::to_string(i)},
             {"fields",
              {{"displayName", {{"stringValue", "Ana"}}},
               {"lastMessageAt", {{"timestampValue", "2026-01-01T00:00:00Z"}}},
               {"archived", {{"booleanValue", i < hidden_}}}}}}}});
    read_ += limit;
    return send(out);
  }
  std::string send(const nlohmann::json& body) const {
    return synthetic::kept(body.dump(), "200 OK", date_);
  }

  int threads_;
  int hidden_;
  std::string date_;
  std::atomic<int> read_ = 0;
  synthetic::HttpStub stub_;
};

InFirestore look_at(const Firestore& firestore, std::size_t most_reads) {
  const Scratch scratch;
  scratch.add("+40711111111");
  ProbeOptions options = scratch.options();
  options.inbox = [&] { return firestore.inbox(); };
  options.most_reads = most_reads;
  return observe(options).seen.accounts.at(0).firestore;
}

InboxSight sight_in(const InFirestore& found) {
  return std::get<InboxSight>(std::get<1>(found.query));
}

}  // namespace

TEST_CASE("of many conversations in Firestore no more are read than it may cost") {
  const Firestore firestore(2500, 3);
  const InFirestore found = look_at(firestore, 200);
  CHECK(firestore.read() == 200);
  CHECK(sight_in(found).shown == 197);
  CHECK(sight_in(found).not_read == 800);  // the app reads a thousand
  CHECK(std::get<std::int64_t>(found.without_last_message_at) == 0);
  CHECK(found.reads == 1 + 200 + 2 + 5);
}

TEST_CASE("unless the app shows none of those") {
  const Firestore firestore(2500, 300);
  const InFirestore found = look_at(firestore, 200);
  CHECK(firestore.read() == 1200);
  CHECK(sight_in(found).shown == 700);
  CHECK(sight_in(found).not_read == 0);
}

TEST_CASE("Firestore's answers tell whether the clock is right") {
  const Firestore firestore(1, 0);
  const InFirestore found = look_at(firestore, 200);
  REQUIRE(found.clock_skew.has_value());
  CHECK(found.clock_skew->count() >= 600);
  CHECK(found.clock_skew->count() < 660);
}

TEST_CASE("what hangs does not delay the end, and has not looked") {
  struct Gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
  };
  const Scratch scratch;
  scratch.add("+40711111111");
  const auto gate = std::make_shared<Gate>();
  ProbeOptions options = scratch.options();
  options.timeout = std::chrono::seconds(2);
  options.inbox = [gate]() -> std::optional<FirestoreInbox> {
    std::unique_lock lock(gate->mutex);
    gate->opened.wait(lock, [&] { return gate->open; });
    return std::nullopt;
  };
  const Observed found = observe(options);
  CHECK(found.threads_left);
  CHECK(seen(found.seen.configuration) == nullptr);
  CHECK(seen(found.seen.state_dir) != nullptr);
  CHECK(seen(found.seen.accounts.at(0).stored) != nullptr);
  const std::lock_guard lock(gate->mutex);
  gate->open = true;
  gate->opened.notify_all();
}

namespace {

// WhatsApp answers a listener's ping; a login of our own would be a mistake.
LiveOptions live_through_listener() {
  return {.session = []() -> SessionOptions { throw Error(ErrorCode::kInternal, "it logged in"); },
          .ask_listener =
              [](const StateDir&, const AccountId&, std::chrono::milliseconds) {
                return Live{.answer = Answered{}, .by_listener = true};
              }};
}

}  // namespace

TEST_CASE("WhatsApp is asked only where that is wanted") {
  const Scratch scratch;
  scratch.add("+40711111111");
  CHECK_FALSE(observe(scratch.options()).seen.accounts.at(0).live.has_value());
}

TEST_CASE("it is asked through who listens, and by no login with an account that has no device") {
  const Scratch scratch;
  const AccountId listened = scratch.add("+40711111111");
  const AccountId unlinked = scratch.add("+40722222222");
  const StateDir state = StateDir::open(scratch.state());
  const auto lock = AccountLock::acquire(state, listened);
  ProbeOptions options = scratch.options();
  options.live = live_through_listener();
  options.ask_holder = [](const StateDir&, const AccountId&, std::chrono::milliseconds) {
    return Listening{.instance = "host-1"};
  };
  const auto found = observe(options).seen.accounts;
  for (const AccountObservation& each : found) {
    REQUIRE(each.live.has_value());
    if (each.id == listened) {
      CHECK(each.live->by_listener);
      CHECK(std::holds_alternative<Answered>(each.live->answer));
    } else {
      REQUIRE(std::holds_alternative<NotAsked>(each.live->answer));
      CHECK(std::get<NotAsked>(each.live->answer) == NotAsked::kNotLinked);
    }
  }
  CHECK_FALSE(AccountLock::holder(state, unlinked).has_value());
}

TEST_CASE("what the listener does not tell was not looked at, and there must be time to ask") {
  const Scratch scratch;
  const AccountId id = scratch.add("+40711111111");
  const auto lock = AccountLock::acquire(StateDir::open(scratch.state()), id);
  ProbeOptions options = scratch.options();
  options.live = live_through_listener();
  options.live->ask_listener = [](const StateDir&, const AccountId&,
                                  std::chrono::milliseconds) -> Live {
    throw Error(ErrorCode::kTimeout, "it does not answer");
  };
  options.ask_holder = [](const StateDir&, const AccountId&, std::chrono::milliseconds) {
    return Listening{};
  };
  const auto told = [&] {
    const auto live = observe(options).seen.accounts.at(0).live;
    REQUIRE(live.has_value());
    REQUIRE(std::holds_alternative<NotLooked>(live->answer));
    return std::get<NotLooked>(live->answer).why;
  };
  CHECK(told() == "it does not answer");
  options.timeout = kLeastLivePatience;  // of which a part is for this
  CHECK(told().empty());
}

}  // namespace probe_test
