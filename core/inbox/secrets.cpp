// The secrets of messages: kept as long as something may come that is sealed with them.
#include <algorithm>

#include "inbox/writer_state.h"

namespace wasync {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::int64_t kDay_s = 24 * 3600;
// Edits are made within minutes, and WhatsApp holds them for a month for those who are offline.
constexpr int kKeptDays = 30;
// Reactions and comments of announcement groups come later.
constexpr int kKeptDaysInGroups = 90;
// Nothing says when a poll or an event ends.
constexpr int kKeptDaysOfPolls = 365;
// How many go at a time. Each transaction that writes brings fewer new ones on the average.
constexpr int kRemovedAtOnce = 500;

int kept_days(const Message& message) {
  if (message.type == message_type::kPoll || message.type == message_type::kEvent) {
    return kKeptDaysOfPolls;
  }
  return message.chat.is_group() ? kKeptDaysInGroups : kKeptDays;
}

}  // namespace

// Up to a midnight, so that those of a day stand together in the index.
void InboxWriter::State::keep_secret(const MessageRow& row, BytesView secret) {
  if (secret.empty()) return;
  if (secret.size() != kSecretBytes) {
    count_unopened(SealedKind::kSecret, Unopened::kMalformed, 1);
    return;
  }
  const std::int64_t from = std::max(row.message.sent_at, now).value;
  const std::int64_t days = from / kDay_s + kept_days(row.message) + 1;
  database
      .prepare(
          "INSERT INTO message_secrets (message, secret, keep_until) VALUES (?, ?, ?)"
          " ON CONFLICT (message) DO NOTHING")
      .bind(row.row_id, secret, days * kDay_s)
      .run();
  if (database.changes() > 0) note_secret(row);
}

Bytes InboxWriter::State::secret_of(std::int64_t message) {
  auto query = database.prepare("SELECT secret FROM message_secrets WHERE message = ?");
  query.bind(message);
  return query.step() ? query.blob(0) : Bytes{};
}

void InboxWriter::State::remove_old_secrets() {
  database
      .prepare(
          "DELETE FROM message_secrets WHERE message IN"
          " (SELECT message FROM message_secrets WHERE keep_until < ? LIMIT ?)")
      .bind(now, kRemovedAtOnce)
      .run();
}

}  // namespace wasync
