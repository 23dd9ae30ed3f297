#include "inbox/history_queue.h"

#include <array>

#include "base/columns.h"
#include "base/text.h"

namespace wasync {
namespace {

// What the notification says, …
constexpr std::array kAnnounced{column<&HistoryItem::received_at>("received_at"),
                                column<&HistoryItem::type>("type"),
                                column<&HistoryItem::chunk_order>("chunk_order"),
                                column<&HistoryItem::progress>("progress"),
                                column<&HistoryItem::notification>("notification"),
                                column<&HistoryItem::message_id>("message_id"),
                                column<&HistoryItem::request_id>("request_id"),
                                column<&HistoryItem::next_attempt_at>("next_attempt_at")};
// … and what only the queue sets.
constexpr std::array kSettled{
    column<&HistoryItem::id>("row_id"), column<&HistoryItem::dedupe_key>("dedupe_key"),
    column<&HistoryItem::attempts>("attempts"), column<&HistoryItem::last_error>("last_error"),
    column<&HistoryItem::reupload_asked>("reupload")};

}  // namespace

std::optional<std::int64_t> HistoryQueue::add(const HistoryItem& item) {
  const std::string& key = item.dedupe_key.empty() ? item.message_id : item.dedupe_key;
  if (const auto awaited = take_reupload(item, key)) return awaited;
  database_
      .prepare(
          "UPDATE history_queue SET receipt_owed = (state = 1), message_id = ?"
          " WHERE dedupe_key = ? AND state <> 2")
      .bind(item.message_id, key)
      .run();
  if (database_.changes() > 0) return std::nullopt;
  database_.prepare("DELETE FROM history_queue WHERE dedupe_key = ?").bind(key).run();
  static const std::string kInsert = "INSERT INTO history_queue (dedupe_key, " +
                                     column_names(kAnnounced) + ") VALUES (?, " +
                                     placeholders(kAnnounced) + ")";
  auto insert = database_.prepare(kInsert);
  insert.bind(key);
  bind_columns(insert, kAnnounced, item);
  insert.run();
  return database_.last_insert_id();
}

// The same blob at another place, or the same chunk sealed anew.
std::optional<std::int64_t> HistoryQueue::take_reupload(const HistoryItem& item,
                                                        const std::string& key) {
  auto query = database_.prepare(
      "SELECT row_id FROM history_queue WHERE state = 0 AND reupload = 1 AND (dedupe_key = ?1 OR"
      " (type = ?2 AND chunk_order = ?3 AND request_id = ?4 AND"
      "  NOT EXISTS (SELECT 1 FROM history_queue WHERE dedupe_key = ?1)))"
      " ORDER BY dedupe_key = ?1 DESC, row_id LIMIT 1");
  query.bind(key, item.type, item.chunk_order, item.request_id);
  if (!query.step()) return std::nullopt;
  const std::int64_t id = query.integer(0);
  database_
      .prepare(
          "UPDATE history_queue SET reupload = 2, dedupe_key = ?, notification = ?,"
          " message_id = ?, progress = ?, next_attempt_at = 0 WHERE row_id = ?")
      .bind(key, item.notification, item.message_id, item.progress, id)
      .run();
  return id;
}

std::optional<HistoryItem> HistoryQueue::next(UnixSeconds now) {
  static const std::string kSelect = "SELECT " + column_names(kSettled) + ", " +
                                     column_names(kAnnounced) +
                                     " FROM history_queue WHERE state = 0"
                                     " AND (next_attempt_at <= ?1 OR next_attempt_at > ?2)"
                                     " ORDER BY received_at, chunk_order, row_id LIMIT 1";
  auto query = database_.prepare(kSelect);
  query.bind(now, now.value + kLongestWait.count());
  if (!query.step()) return std::nullopt;
  HistoryItem item;
  read_columns(query, kSettled, item);
  read_columns(query, kAnnounced, item, static_cast<int>(kSettled.size()));
  return item;
}

std::optional<UnixSeconds> HistoryQueue::next_due() const {
  auto query = database_.prepare("SELECT min(next_attempt_at) FROM history_queue WHERE state = 0");
  if (!query.step() || query.is_null(0)) return std::nullopt;
  return query.time(0);
}

void HistoryQueue::done(std::int64_t id, UnixSeconds now) {
  database_
      .prepare(
          "UPDATE history_queue SET state = 1, receipt_owed = 1, notification = NULL,"
          " last_error = '', finished_at = ? WHERE row_id = ?")
      .bind(now, id)
      .run();
}

void HistoryQueue::failed(std::int64_t id, const std::string& error, UnixSeconds retry_at) {
  database_
      .prepare(
          "UPDATE history_queue SET attempts = attempts + 1, last_error = ?,"
          " next_attempt_at = ?, state = ? WHERE row_id = ? AND state <> 1")
      .bind(storable_error(error), retry_at, retry_at.known() ? 0 : 2, id)
      .run();
}

void HistoryQueue::await_reupload(std::int64_t id, const std::string& error, UnixSeconds until) {
  failed(id, error, until);
  database_.prepare("UPDATE history_queue SET reupload = 1 WHERE row_id = ? AND state = 0")
      .bind(id)
      .run();
}

std::vector<AwaitedReupload> HistoryQueue::await_reuploads_again(UnixSeconds until) {
  std::vector<AwaitedReupload> awaited;
  auto query = database_.prepare(
      "UPDATE history_queue SET next_attempt_at = ? WHERE state = 0 AND reupload = 1"
      " RETURNING message_id, notification");
  query.bind(until);
  while (query.step()) {
    awaited.push_back({.message_id = query.text(0), .notification = query.blob(1)});
  }
  return awaited;
}

std::int64_t HistoryQueue::fruitless_reuploads() const {
  auto query =
      database_.prepare("SELECT count(*) FROM history_queue WHERE state = 2 AND reupload <> 0");
  return query.step() ? query.integer(0) : 0;
}

std::int64_t HistoryQueue::retry_failed() {
  database_.prepare("UPDATE history_queue SET state = 0, next_attempt_at = 0 WHERE state = 2")
      .run();
  return database_.changes();
}

void HistoryQueue::clear() {
  database_.prepare("DELETE FROM history_queue").run();
}

std::vector<OwedReceipt> HistoryQueue::owed_receipts() const {
  std::vector<OwedReceipt> owed;
  auto query = database_.prepare(
      "SELECT row_id, message_id FROM history_queue WHERE receipt_owed = 1"
      " ORDER BY finished_at, row_id");
  while (query.step()) owed.push_back({.item = query.integer(0), .message_id = query.text(1)});
  return owed;
}

void HistoryQueue::receipt_delivered(const OwedReceipt& receipt) {
  database_.prepare("UPDATE history_queue SET receipt_owed = 0 WHERE row_id = ? AND message_id = ?")
      .bind(receipt.item, receipt.message_id)
      .run();
}

std::vector<FinishedChunk> HistoryQueue::finished() const {
  std::vector<FinishedChunk> chunks;
  auto query = database_.prepare(
      "SELECT type, progress FROM history_queue WHERE state <> 0 ORDER BY row_id");
  while (query.step()) {
    chunks.push_back({.type = static_cast<int>(query.integer(0)),
                      .progress = static_cast<int>(query.integer(1))});
  }
  return chunks;
}

HistoryQueueCounts HistoryQueue::counts() const {
  HistoryQueueCounts counts;
  auto query = database_.prepare("SELECT state, count(*) FROM history_queue GROUP BY state");
  while (query.step()) {
    switch (query.integer(0)) {
      case 0: counts.waiting = query.integer(1); break;
      case 1: counts.done = query.integer(1); break;
      default: counts.failed = query.integer(1); break;
    }
  }
  return counts;
}

std::string HistoryQueue::last_error() const {
  auto query = database_.prepare(
      "SELECT last_error FROM history_queue WHERE state <> 1 AND last_error <> ''"
      " ORDER BY row_id DESC LIMIT 1");
  return query.step() ? query.text(0) : std::string();
}

}  // namespace wasync
