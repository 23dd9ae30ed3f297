// The steps that bring a component's tables to their newest version.
//
// Each step is a transaction of its own. A process killed in the middle of a step leaves the
// version before it intact, and the next start continues there.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace wasync {

class Database;

// The progress of a data move; the move is finished when `done` reaches `total`.
struct Moved {
  std::int64_t done = 0;
  std::int64_t total = 0;
};

// Leads from one version to the next. Never edit a published migration: append another.
struct Migration {
  std::string_view sql{};

  // For more data than one transaction should hold: each call moves a bounded part of it. migrate()
  // calls it repeatedly, each time in a new transaction, and runs `sql` in the last one. Between
  // two calls, another process may open the file, even weeks later. The previous version of the
  // program may open it too, and continues with the old tables. So `move` keeps the moved data in
  // tables of the new version (CREATE TABLE IF NOT EXISTS), learns from the file how far it got,
  // and leaves alone what the previous version reads: `sql` drops that.
  Moved (*move)(Database&) = nullptr;
};

// The tables of one component in a file: migrations[0] makes version 1, and so on.
struct Tables {
  std::string_view component;  // for example "inbox"
  std::span<const Migration> migrations;
};

// Receives the part that is done, up to 1: after each transaction, and from time to time during a
// long one. Must not throw.
using OnMigrated = std::function<void(double part)>;

// Brings the tables to the newest version; creates missing ones in one transaction. Throws
// Error(kStoreTooNew), and changes nothing, when the file has a version that this program does not
// know. Processes that call it at the same time take turns. Do not call it inside a transaction.
void migrate(Database& database, const Tables& tables, const OnMigrated& on_migrated = {});

// The version of the component's tables; 0 when the file does not have them.
std::int64_t tables_version(Database& database, std::string_view component);

// The age of the file's tables, for code that must not call migrate().
enum class TablesAge { kCurrent, kOlder, kNewer };
TablesAge tables_age(Database& database, const Tables& tables);
// Throws Error(kStoreTooNew) when the tables are newer than this program knows; the error names the
// file and both versions.
void refuse_newer(Database& database, const Tables& tables);

}  // namespace wasync
