#include "crash/contents.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "base/sqlite.h"

namespace wasync::test {
namespace {

constexpr std::size_t kExamples = 5;

// Columns that differ from run to run by right: when it was, keys that are made at random, and in
// how many commits it came.
bool varies(std::string_view table, const std::string& column) {
  static const std::set<std::string, std::less<>> kVarying{
      "received_at",     "finished_at",
      "dirty_since",     "revision",
      "push_name_at",    "created_at",
      "created_at_s",    "last_history_sync_at",
      "first_failed_at", "last_realtime_ingest_at",
      "phone_heard_at"};
  return kVarying.contains(column) || (table.starts_with("signal_") && column == "record");
}

std::vector<std::string> texts(Database& database, const std::string& sql) {
  std::vector<std::string> out;
  auto query = database.prepare(sql);
  while (query.step()) out.push_back(query.text(0));
  return out;
}

// "a=1 b='x'", of each row.
std::string spelled(Database& database, const std::string& table) {
  std::string sql;
  for (const std::string& column :
       texts(database, "SELECT name FROM pragma_table_info('" + table + "')")) {
    if (varies(table, column)) continue;
    if (!sql.empty()) sql += " || ";
    sql += "' " + column + "=' || quote(" + column + ")";
  }
  return sql;
}

bool is_of_search_index(const std::string& table) {
  return table.find("_search") != std::string::npos;
}

void check(Database& database, Contents& out) {
  for (const char* pragma : {"PRAGMA integrity_check", "PRAGMA foreign_key_check"}) {
    for (std::string& found : texts(database, pragma))
      if (found != "ok") out.unsound.push_back(std::move(found));
  }
  for (const std::string& index :
       texts(database, "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")) {
    try {
      Transaction transaction(database, "check");
      database.execute("INSERT INTO " + index + " (" + index +
                       ", rank) VALUES ('integrity-check', 1)");
    } catch (const std::exception& error) {
      out.unsound.push_back(index + ": " + error.what());
    }
  }
}

}  // namespace

Contents contents_of(const std::filesystem::path& file) {
  Database database(file, Database::Mode::kReadWrite);
  Contents out;
  for (const std::string& table :
       texts(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
    if (is_of_search_index(table) || table == "messages") continue;
    for (const std::string& row :
         texts(database, "SELECT " + spelled(database, table) + " FROM " + table))
      out.rows.push_back(table + row);
  }
  std::sort(out.rows.begin(), out.rows.end());
  const std::string sql =
      "SELECT (SELECT jid FROM threads t WHERE t.row_id = thread) || ' ' || document_id, " +
      spelled(database, "messages") + " FROM messages";
  auto query = database.prepare(sql);
  while (query.step()) out.messages.emplace(query.text(0), query.text(1));
  check(database, out);
  return out;
}

Difference difference(const Contents& expected, const Contents& found) {
  Difference out;
  const auto note = [&](int& count, const std::string& what) {
    ++count;
    if (out.examples.size() < kExamples) out.examples.push_back(what);
  };
  for (const auto& [id, row] : expected.messages) {
    const auto same = found.messages.find(id);
    if (same == found.messages.end()) {
      note(out.lost, "lost: " + id);
    } else if (same->second != row) {
      note(out.other, "is " + id + same->second + "\n      should be" + row);
    }
  }
  for (const auto& [id, row] : found.messages)
    if (!expected.messages.contains(id)) note(out.twice, "too much: " + id);
  std::vector<std::string> differing;
  std::set_symmetric_difference(expected.rows.begin(), expected.rows.end(), found.rows.begin(),
                                found.rows.end(), std::back_inserter(differing));
  for (const std::string& row : differing) {
    const bool ours = std::binary_search(found.rows.begin(), found.rows.end(), row);
    note(out.other, (ours ? "too much: " : "missing: ") + row);
  }
  for (const std::string& what : found.unsound) note(out.other, "unsound: " + what);
  return out;
}

}  // namespace wasync::test
