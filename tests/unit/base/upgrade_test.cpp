#include "base/upgrade.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <set>
#include <string>

#include "base/error.h"
#include "unit/base/database.h"

namespace upgrade_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr Migration kInbox[] = {{.sql = "CREATE TABLE t (n); INSERT INTO t VALUES (1)"},
                                {.sql = "UPDATE t SET n = 2"},
                                {.sql = "UPDATE t SET n = 3"}};
constexpr Migration kSignal[] = {{.sql = "CREATE TABLE u (n)"}};
constexpr Migration kBroken[] = {kInbox[0], kInbox[1], {.sql = "nonsense"}};

std::array<Tables, 2> tables(std::size_t inbox_version) {
  return {Tables{"inbox", std::span(kInbox).first(inbox_version)}, Tables{"signal", kSignal}};
}

// A file of version 1.
class OldFile {
 public:
  OldFile() : database(scratch / "a.db") { upgrade(database, tables(1)); }

  std::set<std::string> copies() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(scratch / "")) {
      const std::string name = entry.path().filename();
      if (name.find("before") != std::string::npos) names.insert(name);
    }
    return names;
  }
  std::int64_t value_in(const std::string& name) const {
    Database copy(scratch / name, Database::Mode::kReadOnly);
    return count(copy, "SELECT n FROM t");
  }

  ScratchDir scratch;
  Database database;
};

}  // namespace

TEST_CASE("tables that are made new need no copy") {
  const OldFile file;
  CHECK(file.copies().empty());
}

TEST_CASE("an upgrade keeps a copy of what was, until the next one") {
  OldFile file;
  CHECK(needs_upgrade(file.database, tables(2)));
  upgrade(file.database, tables(2));
  CHECK_FALSE(needs_upgrade(file.database, tables(2)));
  CHECK(file.copies() == std::set<std::string>{"a.db.before-inbox2-signal1"});
  CHECK(file.value_in("a.db.before-inbox2-signal1") == 1);
  CHECK(mode_of(file.scratch / "a.db.before-inbox2-signal1") == 0600);
  CHECK(count(file.database, "SELECT n FROM t") == 2);

  upgrade(file.database, tables(2));  // nothing to do
  CHECK(file.copies().size() == 1);
  upgrade(file.database, tables(3));
  CHECK(file.copies() == std::set<std::string>{"a.db.before-inbox3-signal1"});
  CHECK(file.value_in("a.db.before-inbox3-signal1") == 2);
}

TEST_CASE("an upgrade that goes on keeps the copy from before its first step") {
  OldFile file;
  const std::array<Tables, 2> broken{Tables{"inbox", kBroken}, Tables{"signal", kSignal}};
  check_error(ErrorCode::kStore, [&] { upgrade(file.database, broken); });
  CHECK(count(file.database, "SELECT n FROM t") == 2);
  upgrade(file.database, tables(3));
  CHECK(count(file.database, "SELECT n FROM t") == 3);
  CHECK(file.value_in("a.db.before-inbox3-signal1") == 1);
}

TEST_CASE("a copy that was made before the file went on without the upgrade is made anew") {
  OldFile file;
  file.database.copy_to(file.scratch / "a.db.before-inbox2-signal1");
  std::ofstream(file.scratch / "a.db.before-inbox2-signal1.part") << "half of one";
  file.database.execute("UPDATE t SET n = 7");
  upgrade(file.database, tables(2));
  CHECK(file.copies() == std::set<std::string>{"a.db.before-inbox2-signal1"});
  CHECK(file.value_in("a.db.before-inbox2-signal1") == 7);
}

TEST_CASE("a newer file is refused before anything is touched") {
  OldFile file;
  upgrade(file.database, tables(3));
  const auto before = file.copies();
  check_error(ErrorCode::kStoreTooNew, [&] { upgrade(file.database, tables(2)); });
  check_error(ErrorCode::kStoreTooNew, [&] { needs_upgrade(file.database, tables(2)); });
  CHECK(file.copies() == before);
}

TEST_CASE("copies are forgotten after their time") {
  OldFile file;
  upgrade(file.database, tables(2));
  const fs::path copy = file.scratch / "a.db.before-inbox2-signal1";
  fs::last_write_time(copy, fs::file_time_type::clock::now() - kCopyKept + std::chrono::hours(1));
  forget_old_copies(file.database.file());
  CHECK(fs::exists(copy));
  fs::last_write_time(copy, fs::file_time_type::clock::now() - kCopyKept - std::chrono::hours(1));
  forget_old_copies(file.database.file());
  CHECK_FALSE(fs::exists(copy));
  CHECK(fs::exists(file.scratch / "a.db"));
}

}  // namespace upgrade_test
