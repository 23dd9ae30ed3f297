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

void InboxWriter::State::drop_malformed_secret(Message& message) {
  if (message.secret.empty() || message.secret.size() == kSecretBytes) return;
  count_unopened(SealedKind::kSecret, Unopened::kMalformed, 1);
  message.secret.clear();
}

// A midnight, so that those of a day stand together in the index.
UnixSeconds InboxWriter::State::secret_end(const MessageRow& row) const {
  const Message& message = row.message;
  if (message.secret.empty() || message.deleted_at.known()) return {};
  const std::int64_t from = std::max(message.sent_at, now).value;
  return {(from / kDay_s + kept_days(message) + 1) * kDay_s};
}

// The first secret told stays. The Inbox does not get it: the row's revision stays too.
void InboxWriter::State::keep_secret(MessageRow& known, const Message& told) {
  known.message.secret = told.secret;
  const UnixSeconds end = secret_end(known);
  if (!end.known()) return;
  database
      .prepare(
          "UPDATE messages SET secret = ?, secret_until = ? WHERE row_id = ? AND secret IS NULL")
      .bind(told.secret, end, known.row_id)
      .run();
  if (database.changes() > 0) note_secret(known);
}

Bytes InboxWriter::State::secret_of(std::int64_t message) {
  auto query = database.prepare("SELECT secret FROM messages WHERE row_id = ?");
  query.bind(message);
  return query.step() ? query.blob(0) : Bytes{};
}

void InboxWriter::State::remove_old_secrets() {
  database
      .prepare(
          "UPDATE messages SET secret = NULL, secret_until = NULL WHERE row_id IN"
          " (SELECT row_id FROM messages WHERE secret_until < ? LIMIT ?)")
      .bind(now, kRemovedAtOnce)
      .run();
}

}  // namespace wasync
