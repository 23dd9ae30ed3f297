#include "inbox/adopt.h"

#include <algorithm>

#include "base/sqlite.h"
#include "base/text.h"
#include "inbox/ids.h"
#include "inbox/message_row.h"
#include "inbox/search_index.h"
#include "inbox/store.h"
#include "inbox/thread_row.h"

namespace wasync {
namespace {

std::string preview(std::string_view told) {
  const std::string clean = folded_whitespace(repaired_utf8(first_bytes(told, 4096)));
  return std::string(first_characters(clean, kPreviewCharacters));
}

void take_activity(ThreadRow& row, const AdoptedThread& told) {
  ThreadRow::Shown& shown = row.shown;
  shown.last_message_at = told.last_message_at;
  // What we hold of the chat is older: it must not look newer than what was told.
  row.kept.newest_at = std::max(row.kept.newest_at, told.last_message_at);
  row.kept.inbound_at = std::max(row.kept.inbound_at, told.last_message_at);
  shown.last_text = preview(told.last_text);
  shown.last_sender_name = clean_name(told.last_sender_name);
  if (told.direction) shown.newest_from_me = *told.direction == Direction::kOutbound;
  shown.unread = told.unread;
}

}  // namespace

bool adopt_thread(Database& database, const AdoptedThread& told) {
  if (!can_be_thread(told.chat)) return false;
  const std::string jid = told.chat.bare().to_string();
  auto known = load_thread(database, jid);
  const bool is_new = !known;
  ThreadRow row = is_new ? insert_thread(database, jid) : *std::move(known);
  ThreadRow::Shown& shown = row.shown;
  const std::string subject = clean_name(told.group_subject);
  if (row.address.is_group()) {
    if (shown.group_subject.empty()) shown.group_subject = subject;
    improve_name(row, subject, NameRank::kAdopted);
  }
  improve_name(row, clean_name(told.display_name), NameRank::kAdopted);
  if (told.last_message_at > shown.last_message_at) take_activity(row, told);
  if (told.history_exhausted) shown.history_exhausted = true;
  shown.last_backfill_at = std::max(shown.last_backfill_at, told.last_backfill_at);
  const Jid target = told.redirect_to.bare();
  if (is_new && can_be_thread(target) && target != row.address)
    shown.redirect_to = target.to_string();
  save_thread(database, row);
  database
      .prepare(
          "UPDATE threads SET adopted = 1, hidden = ?, archived = ?, uploaded_message_at = ?,"
          " uploaded_revision = CASE WHEN ? THEN revision ELSE uploaded_revision END"
          " WHERE row_id = ?")
      .bind(told.hidden, told.archived, told.last_message_at, is_new, row.row_id)
      .run();
  if (told.chat.is_lid()) {
    InboxWriter inbox(database);
    inbox.merge_if_mapped(told.chat);
    inbox.flush();
  }
  index_new_rows(database);
  return true;
}

}  // namespace wasync
