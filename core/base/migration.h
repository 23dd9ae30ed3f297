// The steps by which a component's tables come to their newest version.
//
// Each step is a transaction of its own: who is killed in the middle of one leaves the version
// before it, whole, and the next start goes on there.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace wasync {

class Database;

// How far a move of data has come; it is finished when `done` has reached `total`.
struct Moved {
  std::int64_t done = 0;
  std::int64_t total = 0;
};

// From one version to the next. Never edit a published one: append another.
struct Migration {
  std::string_view sql{};

  // For more data than one transaction should hold: moves a bounded part of it. It is called
  // again and again, in a transaction each; `sql` runs in the last one. Between two calls the file
  // may be opened by another process, weeks later, or by the program of the version before, which
  // goes on with the old tables. So it keeps what it moves in tables of the new version (CREATE
  // TABLE IF NOT EXISTS), finds in the file where it stands, and leaves alone what the version
  // before reads: to drop that is for `sql`.
  Moved (*move)(Database&) = nullptr;
};

// The tables of one component in a file: migrations[0] makes version 1, and so on.
struct Tables {
  std::string_view component;  // say "inbox"
  std::span<const Migration> migrations;
};

// Told the part that is done, up to 1: after each transaction, and now and then while a long one
// works. Must not throw.
using OnMigrated = std::function<void(double part)>;

// Brings the tables to the newest version; those that are missing are made in one transaction.
// Throws Error(kStoreTooNew) when the file has a version that this program does not know, and then
// touches nothing. Processes that do this at once take turns. Must not be called inside a
// transaction.
void migrate(Database& database, const Tables& tables, const OnMigrated& on_migrated = {});

// 0: the file does not have them.
std::int64_t tables_version(Database& database, std::string_view component);

// How far migrate() has brought the tables; for those who must not call it.
enum class TablesAge { kCurrent, kOlder, kNewer };
TablesAge tables_age(Database& database, const Tables& tables);
// Throws Error(kStoreTooNew), which names the file and both versions.
void refuse_newer(Database& database, const Tables& tables);

}  // namespace wasync
