#include "session/history/history_requests.h"

#include "base/sqlite.h"

namespace wasync {
namespace {

// An answer that comes later than this is taken in all the same, if it says whose it is.
constexpr std::int64_t kRememberedS = 30 * 86'400;

}  // namespace

void remember_history_request(Database& database, const std::string& id, const std::string& chat,
                              UnixSeconds now) {
  database.prepare("DELETE FROM history_requests WHERE asked_at < ?")
      .bind(now.value - kRememberedS)
      .run();
  database.prepare("INSERT OR REPLACE INTO history_requests (id, chat, asked_at) VALUES (?, ?, ?)")
      .bind(id, chat, now)
      .run();
}

Jid requested_chat(Database& database, const std::string& request_id) {
  if (request_id.empty()) return {};
  auto query = database.prepare("SELECT chat FROM history_requests WHERE id = ?");
  query.bind(request_id);
  if (!query.step()) return {};
  const auto chat = Jid::parse(query.text_view(0));
  return chat ? chat->bare() : Jid{};
}

bool was_left_unanswered(Database& database, const ThreadListing& thread) {
  auto query = database.prepare(
      "SELECT 1 FROM history_requests WHERE asked_at > ?1 AND (chat = ?2"
      " OR chat IN (SELECT lid FROM lid_mappings WHERE phone = ?2)) LIMIT 1");
  query.bind(thread.last_backfill_at, thread.jid.to_string());
  return query.step();
}

}  // namespace wasync
