#include "base/sqlite.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "base/error.h"
#include "unit/base/database.h"

namespace sqlite_test {

using namespace wasync;
using namespace wasync::test;

TEST_CASE("values of every type come back as they went in") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (a, b, c, d, e, f, g, h, i)");
  const std::string text("a\0ț", 4);
  const std::array<std::uint8_t, 3> fixed{7, 8, 9};
  database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(INT64_MIN, text, Bytes{0, 1, 0}, 2.5, nullptr, UnixSeconds{1'700'000'000}, fixed, true,
            std::optional<std::int64_t>())
      .run();
  auto row = database.prepare("SELECT * FROM t");
  REQUIRE(row.step());
  CHECK(row.integer(0) == INT64_MIN);
  CHECK(row.text(1) == text);
  CHECK(row.blob(2) == Bytes{0, 1, 0});
  CHECK(row.real(3) == doctest::Approx(2.5));
  CHECK(row.is_null(4));
  CHECK(row.time(5) == UnixSeconds{1'700'000'000});
  CHECK(row.blob(6) == Bytes{7, 8, 9});
  CHECK(row.integer(7) == 1);
  CHECK_FALSE(row.optional_integer(8).has_value());
  CHECK_FALSE(row.step());
}

TEST_CASE("empty is not null") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  auto row = database.prepare("SELECT ?, ?, ?, ?");
  row.bind(std::string_view(), Bytes(), std::string(), std::optional<std::string>());
  REQUIRE(row.step());
  CHECK_FALSE(row.is_null(0));
  CHECK(row.optional_text(0) == "");
  CHECK_FALSE(row.is_null(1));
  CHECK(row.blob(1).empty());
  CHECK_FALSE(row.is_null(2));
  CHECK(row.is_null(3));
  CHECK_FALSE(row.optional_text(3).has_value());
}

TEST_CASE("statements are reused with nothing left of the previous use") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  constexpr std::string_view sql = "SELECT ?, ?";
  {
    auto first = database.prepare(sql);
    first.bind("x", 1);
    REQUIRE(first.step());
  }
  auto again = database.prepare(sql);
  REQUIRE(again.step());
  CHECK(again.is_null(0));
  CHECK(again.is_null(1));
}

TEST_CASE("the text of a statement may go before it is used again") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  for (const char* number : {"1", "2", "1", "2"}) {
    auto query = database.prepare(std::string("SELECT 0 + 0 + 0 + 0 + 0 + 0 + ") + number);
    REQUIRE(query.step());
    CHECK(query.text(0) == number);
  }
}

TEST_CASE("the same statement may run inside itself") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3)");
  constexpr std::string_view sql = "SELECT n FROM t ORDER BY n";
  std::int64_t sum = 0;
  auto outer = database.prepare(sql);
  while (outer.step()) {
    auto inner = database.prepare(sql);
    while (inner.step()) sum += outer.integer(0) * inner.integer(0);
  }
  CHECK(sum == 36);
}

TEST_CASE("a statement can be moved") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  auto made = [&] {
    auto query = database.prepare("SELECT ?, ?");
    query.bind(1);
    return query;
  }();
  Statement moved = std::move(made);
  moved.bind(2);
  REQUIRE(moved.step());
  CHECK(moved.integer(0) == 1);
  CHECK(moved.integer(1) == 2);
}

TEST_CASE("a value that cannot be bound is never lost in silence") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  check_error(ErrorCode::kInternal, [&] { database.prepare("SELECT ?").bind(1, 2); });
  check_error(ErrorCode::kInternal, [&] {
    auto query = database.prepare("SELECT ? UNION SELECT ?");
    query.bind(1, 2);
    query.step();
    query.bind(3);
  });
  check_error(ErrorCode::kInternal, [&] { database.prepare("SELECT ?").bind(nullptr, nullptr); });
  check_error(ErrorCode::kInternal, [&] {
    auto query = database.prepare("SELECT ?, ? UNION SELECT 1, 2");
    query.bind(nullptr);
    query.step();
    query.bind(nullptr);
  });
}

TEST_CASE("a lasting value is used where it is, others are copied") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  std::string lasting = "before";
  std::string copied = "before";
  auto query = database.prepare("SELECT ?, ?");
  query.bind_lasting(lasting).bind(copied);
  lasting.replace(0, 6, "behind");
  copied.replace(0, 6, "behind");
  REQUIRE(query.step());
  CHECK(query.text(0) == "behind");
  CHECK(query.text(1) == "before");
  // Also after one that failed.
  query.reset();
  query.bind_lasting(lasting).bind(copied);
  check_error(ErrorCode::kInternal, [&] { query.bind_lasting(lasting); });
  query.reset();
  query.bind(copied, copied);
  copied.replace(0, 6, "beside");
  REQUIRE(query.step());
  CHECK(query.text(0) == "behind");
}

TEST_CASE("run makes ready for the next values") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, m)");
  auto insert = database.prepare("INSERT INTO t VALUES (?, ?)");
  for (int i = 1; i <= 3; ++i) {
    insert.bind(i, i * 10).run();
    CHECK(database.last_insert_id() == i);
  }
  auto update = database.prepare("UPDATE t SET m = 0 WHERE n > ?");
  update.bind(1).run();
  CHECK(database.changes() == 2);
}

TEST_CASE("errors of SQLite are exceptions, and the database stays usable") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  check_error(ErrorCode::kStore, [&] { database.execute("nonsense"); });
  check_error(ErrorCode::kStore, [&] { database.prepare("SELECT * FROM missing"); });
  database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)");
  auto insert = database.prepare("INSERT INTO t VALUES (?)");
  insert.bind(1).run();
  insert.bind(1);
  check_error(ErrorCode::kInternal, [&] { insert.run(); });
  insert.reset();
  insert.bind(2).run();
  CHECK(count(database, "SELECT count(*) FROM t") == 2);
}

TEST_CASE("foreign keys hold, the journal is a WAL, commits are durable") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE a (n INTEGER PRIMARY KEY); CREATE TABLE b (n REFERENCES a (n))");
  check_error(ErrorCode::kStore, [&] { database.execute("INSERT INTO b VALUES (1)"); });
  auto mode = database.prepare("PRAGMA journal_mode");
  REQUIRE(mode.step());
  CHECK(mode.text(0) == "wal");
  CHECK(count(database, "PRAGMA synchronous") == 2);
}

TEST_CASE("the file and its journals are for the owner only, whatever the umask") {
  const ScratchDir scratch;
  const mode_t before = ::umask(0);
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (n)");
  CHECK(mode_of(scratch / "a.db") == 0600);
  CHECK(mode_of(scratch / "a.db-wal") == 0600);
  CHECK(mode_of(scratch / "a.db-shm") == 0600);
  ::umask(before);
}

TEST_CASE("a missing file is made only when asked for") {
  const ScratchDir scratch;
  check_error(ErrorCode::kStore, [&] { Database(scratch / "a.db", Database::Mode::kReadWrite); });
  CHECK_FALSE(fs::exists(scratch / "a.db"));
  check_error(ErrorCode::kStore, [&] { Database(scratch / "no/such/a.db"); });
  { Database made(scratch / "a.db"); }
  Database opened(scratch / "a.db", Database::Mode::kReadWrite);
}

TEST_CASE("a damaged file is said to be damaged") {
  const ScratchDir scratch;
  std::ofstream(scratch / "a.db") << std::string(10'000, 'x');
  try {
    Database database(scratch / "a.db");
    FAIL_CHECK("opened");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kStore);
    CHECK(error.hint().find("damaged") != std::string::npos);
  }
}

TEST_CASE("a transaction that is not committed never was") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (n)");
  {
    Transaction transaction(database, "test");
    CHECK(database.in_transaction());
    database.execute("INSERT INTO t VALUES (1)");
  }
  CHECK_FALSE(database.in_transaction());
  CHECK(count(database, "SELECT count(*) FROM t") == 0);
  {
    Transaction transaction(database, "test");
    database.execute("INSERT INTO t VALUES (1)");
    transaction.commit();
    CHECK_FALSE(database.in_transaction());
  }
  CHECK(count(database, "SELECT count(*) FROM t") == 1);
}

TEST_CASE("transactions do not nest, and the outer one survives the attempt") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (n)");
  Transaction outer(database, "test");
  database.execute("INSERT INTO t VALUES (1)");
  check_error(ErrorCode::kInternal, [&] { Transaction inner(database, "test"); });
  CHECK(database.in_transaction());
  outer.commit();
  CHECK(count(database, "SELECT count(*) FROM t") == 1);
}

TEST_CASE("what is committed is there after opening again") {
  const ScratchDir scratch;
  {
    Database database(scratch / "a.db");
    database.execute("CREATE TABLE t (n); INSERT INTO t VALUES (42)");
  }
  Database database(scratch / "a.db");
  CHECK(count(database, "SELECT n FROM t") == 42);
}

TEST_CASE("a second writer waits instead of failing") {
  const ScratchDir scratch;
  Database first(scratch / "a.db");
  first.execute("CREATE TABLE t (n)");
  std::future<void> waiting;
  std::promise<void> started;
  {
    Transaction transaction(first, "test");
    first.execute("INSERT INTO t VALUES (1)");
    waiting = std::async(std::launch::async, [&] {
      Database second(scratch / "a.db");
      started.set_value();
      Transaction other(second, "test");
      second.execute("INSERT INTO t VALUES (2)");
      other.commit();
    });
    started.get_future().get();
    transaction.commit();
  }
  waiting.get();
  CHECK(count(first, "SELECT count(*) FROM t") == 2);
}

TEST_CASE("what the schema does not take is a fault of ours, not of the file") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (a INTEGER NOT NULL UNIQUE, CHECK (a < 10)) STRICT");
  database.execute(
      "CREATE TRIGGER full BEFORE INSERT ON t WHEN NEW.a = 7"
      " BEGIN SELECT RAISE(ABORT, 'full'); END");
  const auto code_of_insert = [&](const char* value) {
    try {
      database.execute(std::string("INSERT INTO t VALUES (") + value + ")");
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInterrupted;  // it was taken
  };
  CHECK(code_of_insert("1") == ErrorCode::kInterrupted);
  CHECK(code_of_insert("1") == ErrorCode::kInternal);
  CHECK(code_of_insert("NULL") == ErrorCode::kInternal);
  CHECK(code_of_insert("11") == ErrorCode::kInternal);
  CHECK(code_of_insert("'text'") == ErrorCode::kInternal);
  CHECK(code_of_insert("7") == ErrorCode::kStore);
}

TEST_CASE("a long series of transactions lets another writer in") {
  const ScratchDir scratch;
  Database series(scratch / "file.db");
  series.execute("CREATE TABLE t (n)");
  auto other = std::async(std::launch::async, [&] {
    Database database(scratch / "file.db");
    for (int i = 0; i < 200; ++i) database.execute("INSERT INTO t VALUES (1)");
  });
  int rounds = 0;
  while (other.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    Transaction transaction(series, "series");
    for (int i = 0; i < 5000; ++i) series.prepare("INSERT INTO t VALUES (0)").run();
    transaction.commit();
    let_others_write();
    ++rounds;
  }
  other.get();  // throws when the lock could not be had in time
  auto count = series.prepare("SELECT count(*) FROM t WHERE n = 1");
  REQUIRE(count.step());
  CHECK(count.integer(0) == 200);
  // Whoever waits gets many writes done at each turn; by luck alone it is one in some rounds.
  CHECK(rounds <= 40);
}

TEST_CASE("who only reads changes nothing, and sees what a writer has committed") {
  const ScratchDir scratch;
  check_error(ErrorCode::kStore,
              [&] { Database missing(scratch / "a.db", Database::Mode::kReadOnly); });
  CHECK_FALSE(fs::exists(scratch / "a.db"));
  Database writer(scratch / "a.db");
  writer.execute("CREATE TABLE t (n); INSERT INTO t VALUES (1)");
  Database reader(scratch / "a.db", Database::Mode::kReadOnly);
  CHECK(count(reader, "SELECT n FROM t") == 1);
  check_error(ErrorCode::kStore, [&] { reader.execute("UPDATE t SET n = 2"); });
  Transaction transaction(writer, "test");
  writer.execute("UPDATE t SET n = 3");
  CHECK(count(reader, "SELECT n FROM t") == 1);
  transaction.commit();
  CHECK(count(reader, "SELECT n FROM t") == 3);
}

TEST_CASE("a copy is one private file, and whole") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute("CREATE TABLE t (n); INSERT INTO t VALUES (1)");
  std::vector<double> parts;
  const mode_t before = ::umask(0);
  {
    Database other(scratch / "a.db");
    // (Its pages are copied at once: nobody comes between. What a writer adds is not in it.)
    REQUIRE(database.copy_to(scratch / "copy.db", [&](double part) { parts.push_back(part); }));
    other.execute("INSERT INTO t VALUES (2)");
  }
  ::umask(before);
  CHECK(mode_of(scratch / "copy.db") == 0600);
  CHECK_FALSE(fs::exists(scratch / "copy.db-wal"));
  CHECK_FALSE(fs::exists(scratch / "copy.db-journal"));
  CHECK_FALSE(database.in_transaction());
  Database copy(scratch / "copy.db", Database::Mode::kReadOnly);
  CHECK(count(copy, "SELECT count(*) FROM t") == 1);
}

TEST_CASE("a copy of many pages tells how far it is, and what is written meanwhile is not in it") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  database.execute(
      "CREATE TABLE t (n); WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT "
      "3000) INSERT INTO t SELECT zeroblob(4000) FROM i");
  Database other(scratch / "a.db");
  std::vector<double> parts;
  REQUIRE(database.copy_to(scratch / "copy.db", [&](double part) {
    parts.push_back(part);
    other.execute("INSERT INTO t VALUES (2)");
  }));
  CHECK(parts.size() >= 2);
  CHECK(std::ranges::is_sorted(parts));
  CHECK(parts.back() < 1);
  Database copy(scratch / "copy.db", Database::Mode::kReadOnly);
  CHECK(count(copy, "SELECT count(*) FROM t") == 3000);
}

TEST_CASE("a damaged file is not taken for a copy") {
  const ScratchDir scratch;
  {
    Database database(scratch / "a.db");
    database.execute(
        "CREATE TABLE t (n PRIMARY KEY); WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1"
        " FROM i LIMIT 3000) INSERT INTO t SELECT printf('%0100d', n) FROM i;"
        "PRAGMA wal_checkpoint(TRUNCATE)");
  }
  std::fstream file(scratch / "a.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(5 * 4096);
  file << std::string(4096, 'x');
  file.close();
  Database database(scratch / "a.db");
  check_error(ErrorCode::kStore, [&] { database.copy_to(scratch / "copy.db"); });
  CHECK_FALSE(database.in_transaction());
}

TEST_CASE("who watches the work is called as a long statement runs, and not after") {
  const ScratchDir scratch;
  Database database(scratch / "a.db");
  constexpr std::string_view kLong =
      "WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT 1000000)"
      " SELECT count(*) FROM i";
  int calls = 0;
  {
    const WorkWatch watch(database, [&] { ++calls; });
    CHECK(count(database, kLong) == 1'000'000);
  }
  CHECK(calls > 0);
  const int before = calls;
  CHECK(count(database, kLong) == 1'000'000);
  CHECK(calls == before);
}

}  // namespace sqlite_test
