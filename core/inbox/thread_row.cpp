#include "inbox/thread_row.h"

#include <algorithm>

#include "base/error.h"
#include "base/sqlite.h"

namespace wasync {
namespace {

Jid address_in(std::string_view stored) {
  auto jid = Jid::parse(stored);
  if (!jid) throw Error(ErrorCode::kStore, "the inbox holds a thread without an address");
  return *std::move(jid);
}

void read_shown(const Statement& query, ThreadRow::Shown& shown) {
  shown.name = query.text(1);
  shown.name_rank = static_cast<NameRank>(query.integer(2));
  shown.group_subject = query.text(3);
  shown.last_message_at = query.time(4);
  if (!query.is_null(5)) shown.newest_from_me = query.integer(5) != 0;
  shown.last_text = query.text(6);
  shown.last_sender_name = query.text(7);
  shown.unread = static_cast<std::uint32_t>(query.integer(8));
  shown.history_exhausted = query.integer(9) != 0;
  shown.last_backfill_at = query.time(10);
  shown.redirect_to = query.text(11);
}

void read_kept(const Statement& query, ThreadRow::Kept& kept) {
  kept.newest_at = query.time(12);
  kept.inbound_at = query.time(13);
  kept.inbound_id = query.text(14);
  kept.messages = query.integer(15);
  kept.archived_on_phone = query.integer(16) != 0;
  kept.pinned_on_phone = query.integer(17) != 0;
  kept.muted_until = query.time(18);
}

// The newest of equals: history lists a chat from its newest message on, live messages
// come in order.
bool is_newer(UnixSeconds candidate, UnixSeconds known, SyncSource source) {
  return source == SyncSource::kRealtime ? candidate >= known : candidate > known;
}

void settle_time(ThreadRow& row) {
  UnixSeconds told = row.kept.newest_at;
  if (!told.known()) told = row.conversation_at;
  if (!told.known()) told = kNoTimeTold;
  row.shown.last_message_at = std::max(row.shown.last_message_at, told);
}

}  // namespace

std::optional<ThreadRow> load_thread(Database& database, std::string_view jid) {
  auto query = database.prepare(
      "SELECT row_id, name, name_rank, group_subject, last_message_at, newest_from_me, last_text,"
      " last_sender_name, unread, history_exhausted, last_backfill_at, redirect_to, newest_at,"
      " inbound_at, inbound_id, messages, archived_on_phone, pinned_on_phone, muted_until"
      " FROM threads WHERE jid = ?");
  query.bind(jid);
  if (!query.step()) return std::nullopt;
  ThreadRow row;
  row.row_id = query.integer(0);
  row.jid = jid;
  row.address = address_in(jid);
  read_shown(query, row.shown);
  read_kept(query, row.kept);
  row.stored_shown = row.shown;
  row.stored_kept = row.kept;
  return row;
}

ThreadRow insert_thread(Database& database, std::string_view jid) {
  database.prepare("INSERT INTO threads (jid, last_message_at) VALUES (?, ?)")
      .bind(jid, kNoTimeTold)
      .run();
  ThreadRow row;
  row.row_id = database.last_insert_id();
  row.jid = jid;
  row.address = address_in(jid);
  row.created = true;
  return row;
}

bool save_thread(Database& database, ThreadRow& row) {
  settle_time(row);
  const ThreadRow::Shown& shown = row.shown;
  const ThreadRow::Kept& kept = row.kept;
  const bool dirtied = shown != row.stored_shown;
  if (!dirtied && kept == row.stored_kept) return false;
  // A row of this writer's own making has never been seen: it stays at revision 1.
  const bool raise = dirtied && !(row.created && row.stored_shown == ThreadRow::Shown{});
  database
      .prepare(
          "UPDATE threads SET name = ?, name_rank = ?, group_subject = ?, last_message_at = ?,"
          " newest_from_me = ?, last_text = ?, last_sender_name = ?, unread = ?,"
          " history_exhausted = ?, last_backfill_at = ?, redirect_to = ?, newest_at = ?,"
          " inbound_at = ?, inbound_id = ?, messages = ?, archived_on_phone = ?,"
          " pinned_on_phone = ?, muted_until = ?, revision = revision + ?,"
          " upload_error = CASE WHEN ? THEN NULL ELSE upload_error END WHERE row_id = ?")
      .bind(shown.name, static_cast<int>(shown.name_rank), shown.group_subject,
            shown.last_message_at, shown.newest_from_me, shown.last_text, shown.last_sender_name,
            shown.unread, shown.history_exhausted, shown.last_backfill_at, shown.redirect_to,
            kept.newest_at, kept.inbound_at, kept.inbound_id, kept.messages, kept.archived_on_phone,
            kept.pinned_on_phone, kept.muted_until, raise ? 1 : 0, dirtied, row.row_id)
      .run();
  row.stored_shown = shown;
  row.stored_kept = kept;
  return true;
}

void improve_name(ThreadRow& row, const std::string& name, NameRank rank) {
  if (name.empty() || rank < row.shown.name_rank) return;
  row.shown.name = name;
  row.shown.name_rank = rank;
}

bool note_message(ThreadRow& row, const MessageNews& news) {
  ThreadRow::Kept& kept = row.kept;
  ++kept.messages;
  const UnixSeconds at = news.sent_at > kNoTimeTold ? news.sent_at : UnixSeconds{};
  const bool newest = !row.shown.newest_from_me || is_newer(at, kept.newest_at, news.source);
  if (newest) {
    kept.newest_at = std::max(kept.newest_at, at);
    row.shown.newest_from_me = news.from_me;
  }
  // An adopted thread has a time here, and no message yet.
  const bool newest_inbound =
      !news.from_me && (kept.inbound_id.empty() ? at >= kept.inbound_at
                                                : is_newer(at, kept.inbound_at, news.source));
  if (newest_inbound) {
    kept.inbound_at = at;
    kept.inbound_id = news.document_id;
    row.shown.last_sender_name = news.sender_name;
  }
  if (news.source == SyncSource::kRealtime) {
    if (!news.from_me) {
      ++row.shown.unread;
    } else if (newest) {
      row.shown.unread = 0;  // who answers has read
    }
  }
  return newest_inbound;
}

void merge_thread(ThreadRow& into, const ThreadRow& from) {
  // Of equal sources the phone thread's own name stays.
  if (from.shown.name_rank > into.shown.name_rank) {
    improve_name(into, from.shown.name, from.shown.name_rank);
  }
  if (from.shown.last_message_at > into.shown.last_message_at) {
    into.shown.last_message_at = from.shown.last_message_at;
  }
  if (from.shown.newest_from_me &&
      (!into.shown.newest_from_me || from.kept.newest_at > into.kept.newest_at)) {
    into.shown.newest_from_me = from.shown.newest_from_me;
    into.kept.newest_at = from.kept.newest_at;
  }
  if (!from.kept.inbound_id.empty() &&
      (into.kept.inbound_id.empty() || from.kept.inbound_at > into.kept.inbound_at)) {
    into.kept.inbound_at = from.kept.inbound_at;
    into.kept.inbound_id = from.kept.inbound_id;
    into.shown.last_text = from.shown.last_text;
    into.shown.last_sender_name = from.shown.last_sender_name;
  }
  into.shown.unread = std::max(into.shown.unread, from.shown.unread);
  into.shown.last_backfill_at = std::max(into.shown.last_backfill_at, from.shown.last_backfill_at);
  if (into.created) into.shown.history_exhausted = from.shown.history_exhausted;
  into.kept.archived_on_phone = into.kept.archived_on_phone || from.kept.archived_on_phone;
  into.kept.pinned_on_phone = into.kept.pinned_on_phone || from.kept.pinned_on_phone;
  into.kept.muted_until = std::max(into.kept.muted_until, from.kept.muted_until);
}

}  // namespace wasync
