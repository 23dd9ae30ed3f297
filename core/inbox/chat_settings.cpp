// What was told of a chat, and not by its messages: archived, pinned, muted, marked as read, named.
#include <array>

#include "base/columns.h"
#include "inbox/ids.h"
#include "inbox/writer_state.h"

namespace wasync {
namespace {

struct Stored {
  ChatSettings settings{};
  std::optional<std::string> group_subject{};
};
constexpr std::array kSettingColumns{
    column<&Stored::settings, &ChatSettings::archived>("archived"),
    column<&Stored::settings, &ChatSettings::pinned>("pinned"),
    column<&Stored::settings, &ChatSettings::muted_until>("muted_until"),
    column<&Stored::group_subject>("group_subject")};

bool name_group(ThreadRow& row, const std::string& subject) {
  if (row.shown.group_subject == subject) return false;
  row.shown.group_subject = subject;
  improve_name(row, subject, NameRank::kSubject);
  return true;
}

}  // namespace

bool InboxWriter::put_read_mark(const Jid& chat, bool read, UnixSeconds up_to) {
  ThreadRow* row = state_->find_thread(state_->canonical(chat));
  if (row == nullptr || (up_to.known() && up_to < row->kept.newest_at)) return false;
  if (read == (row->shown.unread == 0)) return false;
  row->shown.unread = read ? 0 : 1;
  return true;
}

void InboxWriter::State::apply_settings(ThreadRow& row) {
  auto query = database.prepare("SELECT " + column_names(kSettingColumns) +
                                " FROM chat_settings WHERE jid = ?");
  query.bind(row.jid);
  if (!query.step()) return;
  Stored stored;
  read_columns(query, kSettingColumns, stored);
  if (const auto archived = stored.settings.archived) row.kept.archived_on_phone = *archived;
  if (const auto pinned = stored.settings.pinned) row.kept.pinned_on_phone = *pinned;
  if (const auto until = stored.settings.muted_until) row.kept.muted_until = *until;
  if (stored.group_subject && row.shown.group_subject.empty())
    name_group(row, *stored.group_subject);
}

bool InboxWriter::put_group_subject(const Jid& group, std::string_view subject) {
  const std::string name = clean_name(subject);
  if (!group.is_group() || name.empty()) return false;
  const Jid jid = group.bare();
  ThreadRow* row = state_->find_thread(jid);
  if (row != nullptr) return name_group(*row, name);
  state_->database
      .prepare(
          "INSERT INTO chat_settings (jid, group_subject) VALUES (?, ?)"
          " ON CONFLICT (jid) DO UPDATE SET group_subject = excluded.group_subject")
      .bind(jid.to_string(), name)
      .run();
  return true;
}

bool InboxWriter::put_chat_settings(const Jid& chat, const ChatSettings& settings) {
  State& s = *state_;
  const Jid jid = s.canonical(chat);
  if (!can_be_thread(jid)) return false;
  s.database
      .prepare(
          "INSERT INTO chat_settings (jid, archived, pinned, muted_until) VALUES (?, ?, ?, ?)"
          " ON CONFLICT (jid) DO UPDATE SET archived = coalesce(excluded.archived, archived),"
          " pinned = coalesce(excluded.pinned, pinned),"
          " muted_until = coalesce(excluded.muted_until, muted_until)")
      .bind(jid.to_string(), settings.archived, settings.pinned, settings.muted_until)
      .run();
  ThreadRow* row = s.find_thread(jid);
  if (row == nullptr) return true;
  const ThreadRow::Kept before = row->kept;
  s.apply_settings(*row);
  return row->kept != before;
}

// What was told of the phone's own address counts.
void InboxWriter::State::move_settings(const std::string& lid, const Jid& phone) {
  const std::string jid = phone.to_string();
  database.prepare("UPDATE OR IGNORE chat_settings SET jid = ? WHERE jid = ?").bind(jid, lid).run();
  database.prepare("DELETE FROM chat_settings WHERE jid = ?").bind(lid).run();
  if (ThreadRow* thread = find_thread(phone)) apply_settings(*thread);
}

}  // namespace wasync
