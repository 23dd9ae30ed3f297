#include "base/migration.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <latch>
#include <string>
#include <vector>

#include "base/error.h"
#include "unit/base/database.h"

namespace migration_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::int64_t kRows = 100;

// Ten rows at once, from `old` to `new`.
Moved move_rows(Database& database) {
  database.execute(
      "CREATE TABLE IF NOT EXISTS new (id INTEGER PRIMARY KEY, n);"
      "INSERT INTO new SELECT id, n * 2 FROM old"
      " WHERE id > (SELECT coalesce(max(id), 0) FROM new) ORDER BY id LIMIT 10");
  return {.done = count(database, "SELECT count(*) FROM new"),
          .total = count(database, "SELECT count(*) FROM old")};
}

constexpr Migration kSteps[] = {
    {.sql = "CREATE TABLE old (id INTEGER PRIMARY KEY, n);"
            "WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT 100)"
            " INSERT INTO old SELECT n, n FROM i"},
    {.sql = "DROP TABLE old", .move = move_rows},
    {.sql = "CREATE INDEX new_by_n ON new (n)"}};
constexpr Tables kOld{"test", std::span(kSteps).first(1)};
constexpr Tables kNew{"test", kSteps};

int moments_left = 0;
void end_at_moment(std::string_view /*name*/, CommitMoment /*moment*/) {
  if (--moments_left == 0) std::raise(SIGKILL);
}

// Migrates in a process that is killed at the given moment, before or after a commit; whether it
// was.
bool killed_at(int moment, const fs::path& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    moments_left = moment;
    observe_commits(end_at_moment);
    Database database(file);
    migrate(database, kNew);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status);
}

void check_moved(Database& database) {
  CHECK(tables_age(database, kNew) == TablesAge::kCurrent);
  CHECK(count(database, "SELECT count(*) FROM new WHERE n = 2 * id") == kRows);
  CHECK(count(database, "SELECT count(*) FROM new") == kRows);
  CHECK(count(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'old'") == 0);
}

}  // namespace

TEST_CASE("migrations run once each, in order, a component at a time") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  constexpr Migration first[] = {{.sql = "CREATE TABLE t (n); INSERT INTO t VALUES (1)"}};
  constexpr Migration second[] = {
      first[0], {.sql = "UPDATE t SET n = n + 10"}, {.sql = "UPDATE t SET n = n * 2"}};
  constexpr Migration other[] = {{.sql = "CREATE TABLE u (n)"}};
  migrate(database, {"inbox", first});
  migrate(database, {"inbox", first});
  migrate(database, {"signal", other});
  CHECK(count(database, "SELECT n FROM t") == 1);
  migrate(database, {"inbox", second});
  migrate(database, {"inbox", second});
  CHECK(count(database, "SELECT n FROM t") == 22);
  CHECK(count(database, "SELECT count(*) FROM u") == 0);
  CHECK_FALSE(database.in_transaction());
}

TEST_CASE("a step that fails leaves the version before it, and the steps before it done") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  constexpr Migration good[] = {{.sql = "CREATE TABLE t (n); INSERT INTO t VALUES (1)"}};
  constexpr Migration bad[] = {good[0], {.sql = "UPDATE t SET n = n + 2"}, {.sql = "nonsense"}};
  constexpr Migration mended[] = {good[0], bad[1], {.sql = "UPDATE t SET n = n * 10"}};
  migrate(database, {"inbox", good});
  check_error(ErrorCode::kStore, [&] { migrate(database, {"inbox", bad}); });
  CHECK(count(database, "SELECT n FROM t") == 3);
  CHECK(tables_version(database, "inbox") == 2);
  migrate(database, {"inbox", mended});
  CHECK(count(database, "SELECT n FROM t") == 30);
}

TEST_CASE("a file of a newer program is not touched") {
  const ScratchDir scratch;
  constexpr Migration newer[] = {{.sql = "CREATE TABLE t (n)"},
                                 {.sql = "INSERT INTO t VALUES (1)"}};
  Database database(scratch / "a.db");
  migrate(database, {"inbox", newer});
  const std::span<const Migration> older = std::span(newer).first(1);
  try {
    migrate(database, {"inbox", older});
    FAIL_CHECK("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kStoreTooNew);
    const std::string what = error.what();
    CHECK(what.find((scratch / "a.db").string()) != std::string::npos);
    CHECK(what.find("inbox tables version 2, this program knows 1") != std::string::npos);
  }
  CHECK(count(database, "SELECT count(*) FROM t") == 1);
  CHECK(count(database, "SELECT version FROM schema_versions") == 2);
  CHECK_FALSE(database.in_transaction());
}

TEST_CASE("the age of tables is told without touching them") {
  const ScratchDir scratch;
  constexpr Migration both[] = {{.sql = "CREATE TABLE t (n)"}, {.sql = "INSERT INTO t VALUES (1)"}};
  const std::span<const Migration> first = std::span(both).first(1);
  Database database(scratch / "a.db");
  CHECK(tables_age(database, {"inbox", both}) == TablesAge::kOlder);
  CHECK(count(database, "SELECT count(*) FROM sqlite_schema") == 0);
  migrate(database, {"inbox", first});
  CHECK(tables_age(database, {"inbox", both}) == TablesAge::kOlder);
  CHECK(tables_age(database, {"inbox", first}) == TablesAge::kCurrent);
  CHECK(tables_age(database, {"signal", first}) == TablesAge::kOlder);
  migrate(database, {"inbox", both});
  CHECK(tables_age(database, {"inbox", first}) == TablesAge::kNewer);
}

TEST_CASE("many may open a new file at once") {
  constexpr int kOpeners = 4;
  constexpr Migration migrations[] = {{.sql = "CREATE TABLE t (n)"}};
  for (int round = 0; round < 20; ++round) {
    const ScratchDir scratch;
    std::latch ready(kOpeners);
    std::vector<std::future<void>> openers;
    openers.reserve(kOpeners);
    for (int i = 0; i < kOpeners; ++i) {
      openers.push_back(std::async(std::launch::async, [&] {
        ready.arrive_and_wait();
        Database database(scratch / "a.db");
        migrate(database, {"test", migrations});
        database.execute("INSERT INTO t VALUES (1)");
      }));
    }
    for (auto& opener : openers) CHECK_NOTHROW(opener.get());
    Database database(scratch / "a.db");
    CHECK(count(database, "SELECT count(*) FROM t") == kOpeners);
  }
}

TEST_CASE("a move of data goes on until all is moved, and tells how far it is") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  migrate(database, kOld);
  std::vector<double> parts;
  migrate(database, kNew, [&](double part) { parts.push_back(part); });
  check_moved(database);
  CHECK(parts.size() == 11);  // ten parts of the one step, and the other
  CHECK(std::ranges::is_sorted(parts));
  CHECK(parts.front() == doctest::Approx(0.05));
  CHECK(parts.back() == 1);
}

TEST_CASE("a new file takes all steps in one transaction") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  std::vector<double> parts;
  migrate(database, kNew, [&](double part) { parts.push_back(part); });
  check_moved(database);
  CHECK(parts == std::vector<double>{1});
}

TEST_CASE("who is killed in the middle leaves the old version usable, and the next goes on") {
  int moment = 1;
  for (bool killed = true; killed; ++moment) {
    CAPTURE(moment);
    const ScratchDir scratch;
    {
      Database database(scratch / "a.db");
      migrate(database, kOld);
    }
    killed = killed_at(moment, scratch / "a.db");
    Database database(scratch / "a.db");
    if (tables_version(database, "test") == 1)
      CHECK(count(database, "SELECT sum(n) FROM old") == kRows * (kRows + 1) / 2);
    migrate(database, kNew);
    check_moved(database);
  }
  CHECK(moment - 2 == 2 * 11);  // all of them were tried
}

TEST_CASE("two who move data at once take turns") {
  const ScratchDir scratch;
  {
    Database database(scratch / "a.db");
    migrate(database, kOld);
  }
  std::latch ready(2);
  const auto work = [&] {
    Database database(scratch / "a.db");
    ready.arrive_and_wait();
    migrate(database, kNew);
  };
  auto other = std::async(std::launch::async, work);
  work();
  other.get();
  Database database(scratch / "a.db");
  check_moved(database);
}

}  // namespace migration_test
