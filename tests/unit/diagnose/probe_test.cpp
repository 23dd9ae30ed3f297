#include "diagnose/probe.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>

#include "base/error.h"
#include "base/sqlite.h"
#include "inbox/schema.h"
#include "session/device.h"

using namespace wasync;
using namespace wasync::diagnosis;
namespace fs = std::filesystem;

namespace {

class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "wa-sync-diagnose-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Scratch() { fs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  ProbeOptions options() const {
    return {.inbox = [] { return std::nullopt; },
            .state_dir = path_ / "state",
            .ask_holder = [](const StateDir&, const AccountId&,
                             std::chrono::milliseconds) { return std::nullopt; },
            .timeout = std::chrono::seconds(60)};
  }
  AccountId add(const std::string& phone) const {
    const StateDir state = StateDir::open(path_ / "state");
    const AccountId id = account_id_for(phone);
    state.create_account(id);
    Database database(state.account_file(id));
    migrate_inbox(database);
    migrate(database, "session", session_migrations());
    put_account(database, Account{.id = id, .phone = phone});
    return id;
  }
  fs::path state() const { return path_ / "state"; }

 private:
  fs::path path_;
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
  CHECK(why->hint.find("chmod 700") != std::string::npos);
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
  CHECK(why->hint.find("wa-sync accounts list") != std::string::npos);
  Database database(file, Database::Mode::kReadOnly);
  CHECK(inbox_tables_age(database) == TablesAge::kOlder);
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
