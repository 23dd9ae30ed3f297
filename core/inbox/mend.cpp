#include "inbox/mend.h"

#include "base/sqlite.h"
#include "inbox/store.h"
#include "inbox/thread_row.h"

namespace wasync {

std::vector<UndatedThread> undated_threads(Database& database) {
  auto query = database.prepare(
      "SELECT t.jid, max(m.sent_at) FROM threads t JOIN messages m ON m.thread = t.row_id"
      " WHERE t.last_message_at <= ?1 AND m.sent_at > ?1 GROUP BY t.row_id ORDER BY t.row_id");
  query.bind(kNoTimeTold);
  std::vector<UndatedThread> out;
  while (query.step())
    if (auto jid = Jid::parse(query.text_view(0)))
      out.push_back({.jid = *std::move(jid), .newest = query.time(1)});
  return out;
}

bool date_thread(Database& database, const Jid& jid) {
  database
      .prepare(
          "UPDATE threads SET revision = revision + 1, upload_error = NULL, last_message_at ="
          " (SELECT max(sent_at) FROM messages WHERE thread = threads.row_id)"
          " WHERE jid = ?1 AND last_message_at <= ?2 AND EXISTS"
          " (SELECT 1 FROM messages WHERE thread = threads.row_id AND sent_at > ?2)")
      .bind(jid.bare().to_string(), kNoTimeTold)
      .run();
  return database.changes() > 0;
}

std::vector<UnmergedThread> unmerged_threads(Database& database) {
  auto query = database.prepare(
      "SELECT t.jid, l.phone, t.messages FROM threads t JOIN lid_mappings l ON l.lid = t.jid"
      " WHERE t.redirect_to = '' ORDER BY t.row_id");
  std::vector<UnmergedThread> out;
  while (query.step()) {
    auto lid = Jid::parse(query.text_view(0));
    auto phone = Jid::parse(query.text_view(1));
    if (lid && phone)
      out.push_back(
          {.lid = *std::move(lid), .phone = *std::move(phone), .messages = query.integer(2)});
  }
  return out;
}

bool is_unmerged(Database& database, const Jid& lid) {
  auto query = database.prepare(
      "SELECT 1 FROM threads t JOIN lid_mappings l ON l.lid = t.jid"
      " WHERE t.jid = ? AND t.redirect_to = ''");
  return query.bind(lid.bare().to_string()).step();
}

bool unite_threads(Database& database, const Jid& lid) {
  if (!is_unmerged(database, lid)) return false;
  InboxWriter inbox(database);
  inbox.merge_if_mapped(lid);
  inbox.flush();
  return !is_unmerged(database, lid);
}

std::optional<Jid> phone_of_lid(Database& database, const Jid& lid) {
  auto query = database.prepare("SELECT phone FROM lid_mappings WHERE lid = ?");
  query.bind(lid.bare().to_string());
  return query.step() ? Jid::parse(query.text_view(0)) : std::nullopt;
}

UnixSeconds thread_time(Database& database, const Jid& jid) {
  auto query = database.prepare("SELECT last_message_at FROM threads WHERE jid = ?");
  query.bind(jid.bare().to_string());
  if (!query.step()) return {};
  const UnixSeconds time = query.time(0);
  return time > kNoTimeTold ? time : UnixSeconds{};
}

}  // namespace wasync
