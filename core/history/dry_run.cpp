#include "history/dry_run.h"

#include <algorithm>
#include <functional>
#include <string>

#include "base/sqlite.h"

namespace wasync {
namespace {

std::int64_t newest_row(Database& database, const std::string& table) {
  auto query = database.prepare("SELECT coalesce(max(row_id), 0) FROM " + table);
  query.step();
  return query.integer(0);
}

}  // namespace

void DryRun::begin(Database& database) {
  threads_.stored_up_to = newest_row(database, "threads");
  messages_.stored_up_to = newest_row(database, "messages");
  contacts_.stored_up_to = newest_row(database, "contacts");
}

void DryRun::count(Database& database) {
  count(database, threads_, "SELECT jid FROM threads WHERE row_id > ? AND redirect_to = ''");
  count(database, messages_,
        "SELECT t.jid || '/' || m.document_id FROM messages m JOIN threads t ON t.row_id = m.thread"
        " WHERE m.row_id > ?");
  count(database, contacts_, "SELECT jid FROM contacts WHERE row_id > ?");
}

void DryRun::count(Database& database, Rows& rows, std::string_view query) {
  auto found = database.prepare(query);
  found.bind(rows.stored_up_to);
  while (found.step()) rows.rows.push_back(std::hash<std::string_view>()(found.text_view(0)));
  std::ranges::sort(rows.rows);
  const auto again = std::ranges::unique(rows.rows);
  rows.rows.erase(again.begin(), again.end());
}

}  // namespace wasync
