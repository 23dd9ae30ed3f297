#include "inbox/thread_row.h"

#include <algorithm>
#include <array>

#include "base/columns.h"
#include "base/error.h"

namespace wasync {
namespace {

Jid address_in(std::string_view stored) {
  auto jid = Jid::parse(stored);
  if (!jid) throw Error(ErrorCode::kStore, "the inbox holds a thread without an address");
  return *std::move(jid);
}

template <auto Member>
constexpr Column<ThreadRow> shown(std::string_view name) {
  return column<&ThreadRow::shown, Member>(name);
}
template <auto Member>
constexpr Column<ThreadRow> kept(std::string_view name) {
  return column<&ThreadRow::kept, Member>(name);
}

constexpr std::array kThreadColumns{
    shown<&ThreadRow::Shown::name>("name"),
    shown<&ThreadRow::Shown::name_rank>("name_rank"),
    shown<&ThreadRow::Shown::group_subject>("group_subject"),
    shown<&ThreadRow::Shown::last_message_at>("last_message_at"),
    shown<&ThreadRow::Shown::newest_from_me>("newest_from_me"),
    shown<&ThreadRow::Shown::last_text>("last_text"),
    shown<&ThreadRow::Shown::last_sender_name>("last_sender_name"),
    shown<&ThreadRow::Shown::unread>("unread"),
    shown<&ThreadRow::Shown::history_exhausted>("history_exhausted"),
    shown<&ThreadRow::Shown::last_backfill_at>("last_backfill_at"),
    shown<&ThreadRow::Shown::redirect_to>("redirect_to"),
    kept<&ThreadRow::Kept::newest_at>("newest_at"),
    kept<&ThreadRow::Kept::oldest_at>("oldest_at"),
    kept<&ThreadRow::Kept::inbound_at>("inbound_at"),
    kept<&ThreadRow::Kept::inbound_id>("inbound_id"),
    kept<&ThreadRow::Kept::messages>("messages"),
    kept<&ThreadRow::Kept::archived_on_phone>("archived_on_phone"),
    kept<&ThreadRow::Kept::pinned_on_phone>("pinned_on_phone"),
    kept<&ThreadRow::Kept::muted_until>("muted_until"),
    kept<&ThreadRow::Kept::identity_changed_at>("identity_changed_at"),
    kept<&ThreadRow::Kept::too_large>("too_large"),
};

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

// Somebody known by a LID alone who tells no name: the Inbox hides a thread that has none. Any
// source names it better.
void settle_name(ThreadRow& row) {
  constexpr std::size_t kDigits = 4;
  if (!row.address.is_lid() || row.kept.messages == 0 || !row.shown.name.empty() ||
      !row.shown.last_sender_name.empty()) {
    return;
  }
  const std::string& user = row.address.user;
  row.shown.name = "Contact …" + user.substr(user.size() - std::min(user.size(), kDigits));
}

}  // namespace

UnixSeconds earlier(UnixSeconds one, UnixSeconds other) {
  if (!one.known() || !other.known()) return std::max(one, other);
  return std::min(one, other);
}

std::optional<ThreadRow> load_thread(Database& database, std::string_view jid) {
  static const std::string kSelect =
      "SELECT row_id, " + column_names(kThreadColumns) + " FROM threads WHERE jid = ?";
  auto query = database.prepare(kSelect);
  query.bind(jid);
  if (!query.step()) return std::nullopt;
  ThreadRow row;
  row.row_id = query.integer(0);
  row.jid = jid;
  row.address = address_in(jid);
  read_columns(query, kThreadColumns, row, 1);
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
  settle_name(row);
  const bool dirtied = row.shown != row.stored_shown;
  if (!dirtied && row.kept == row.stored_kept) return false;
  // A row of this writer's own making has never been seen: it stays at revision 1.
  const bool raise = dirtied && !(row.created && row.stored_shown == ThreadRow::Shown{});
  static const std::string kUpdate =
      "UPDATE threads SET " + assignments(kThreadColumns) +
      ", revision = revision + ?, upload_error = CASE WHEN ? THEN NULL ELSE upload_error END"
      " WHERE row_id = ?";
  auto update = database.prepare(kUpdate);
  bind_columns(update, kThreadColumns, row);
  update.bind(raise ? 1 : 0, dirtied, row.row_id).run();
  row.stored_shown = row.shown;
  row.stored_kept = row.kept;
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
  kept.oldest_at = earlier(kept.oldest_at, at);
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
  into.kept.oldest_at = earlier(into.kept.oldest_at, from.kept.oldest_at);
  into.shown.unread = std::max(into.shown.unread, from.shown.unread);
  into.shown.last_backfill_at = std::max(into.shown.last_backfill_at, from.shown.last_backfill_at);
  if (into.created) into.shown.history_exhausted = from.shown.history_exhausted;
  into.kept.archived_on_phone = into.kept.archived_on_phone || from.kept.archived_on_phone;
  into.kept.pinned_on_phone = into.kept.pinned_on_phone || from.kept.pinned_on_phone;
  into.kept.muted_until = std::max(into.kept.muted_until, from.kept.muted_until);
  into.kept.too_large += from.kept.too_large;
  into.kept.identity_changed_at =
      std::max(into.kept.identity_changed_at, from.kept.identity_changed_at);
}

}  // namespace wasync
