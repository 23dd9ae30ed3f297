#include "base/migration.h"

#include <iterator>
#include <string>

#include "base/error.h"
#include "base/sqlite.h"

namespace wasync {
namespace {

// The next step from `version`, or a part of it. Returns the part of the step that is done; with
// all of it the file has the next version.
double advance(Database& database, const Tables& tables, std::int64_t version) {
  const Migration& step = tables.migrations[static_cast<std::size_t>(version)];
  if (step.move != nullptr) {
    const Moved moved = step.move(database);
    if (moved.done < moved.total)
      return static_cast<double>(moved.done) / static_cast<double>(moved.total);
  }
  if (!step.sql.empty()) database.execute(std::string(step.sql));
  database.prepare("INSERT OR REPLACE INTO schema_versions (component, version) VALUES (?, ?)")
      .bind(tables.component, version + 1)
      .run();
  return 1;
}

void make_all(Database& database, const Tables& tables) {
  database.execute(
      "CREATE TABLE IF NOT EXISTS schema_versions ("
      "component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
  for (std::int64_t version = 0; version < std::ssize(tables.migrations);)
    if (advance(database, tables, version) >= 1) ++version;
}

}  // namespace

void migrate(Database& database, const Tables& tables, const OnMigrated& on_migrated) {
  const std::int64_t known = std::ssize(tables.migrations);
  const std::int64_t first = tables_version(database, tables.component);
  refuse_newer(database, tables);
  if (first == known) return;
  double part = 0;
  const WorkWatch watch(database, [&] {
    if (on_migrated) on_migrated(part);
  });
  while (part < 1) {
    Transaction transaction(database, first == 0 ? "tables" : "upgrade");
    // As it is now: another process may have been here since.
    const std::int64_t version = tables_version(database, tables.component);
    refuse_newer(database, tables);
    if (version == known) return;
    if (version == 0) {
      make_all(database, tables);
      part = 1;
    } else {
      const double step = advance(database, tables, version);
      part = (static_cast<double>(version - first) + step) / static_cast<double>(known - first);
    }
    transaction.commit();
    if (on_migrated) on_migrated(part);
  }
}

std::int64_t tables_version(Database& database, std::string_view component) {
  auto table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_versions'");
  if (!table.step()) return 0;
  auto query = database.prepare("SELECT version FROM schema_versions WHERE component = ?");
  query.bind(component);
  return query.step() ? query.integer(0) : 0;
}

TablesAge tables_age(Database& database, const Tables& tables) {
  const std::int64_t version = tables_version(database, tables.component);
  const std::int64_t known = std::ssize(tables.migrations);
  if (version == known) return TablesAge::kCurrent;
  return version < known ? TablesAge::kOlder : TablesAge::kNewer;
}

void refuse_newer(Database& database, const Tables& tables) {
  if (tables_age(database, tables) != TablesAge::kNewer) return;
  throw Error(
      ErrorCode::kStoreTooNew,
      Phrase{"a newer wa-sync wrote {} ({} tables version {}, this program knows {})",
             "un wa-sync mai nou a scris {} (tabelele {} versiunea {}, acest program cunoaște {})"}
          .with(database.file().string(), tables.component,
                tables_version(database, tables.component), tables.migrations.size()),
      Phrase{"Upgrade wa-sync on this host; the file was not changed.",
             "Actualizează wa-sync pe acest sistem; fișierul nu a fost modificat."});
}

}  // namespace wasync
