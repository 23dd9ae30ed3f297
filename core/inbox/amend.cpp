// Reactions, edits, revokes and receipts.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "inbox/ids.h"
#include "inbox/writer_state.h"

namespace wasync {
namespace {

// Strangers may send amendments of messages that never were.
constexpr int kMaxWaiting = 5'000;
constexpr std::size_t kMaxEditBytes = 256 * 1024;  // WhatsApp's own limit: 65,536 characters
constexpr std::size_t kMaxParticipantBytes = 256;

}  // namespace

// The same message, or another one that only carries the same id?
bool InboxWriter::State::matches(const MessageRow& row, const MessageKey& target) {
  const Message& m = row.message;
  if (m.key.from_me != target.from_me) return false;
  if (m.chat.is_person() || m.key.from_me || target.participant.empty()) return true;
  const auto participant = Jid::parse(target.participant);
  return !participant || m.sender.empty() || may_be_same(*participant, m.sender);
}

std::optional<MessageRow> InboxWriter::State::find_target(const ThreadRow& thread,
                                                          const MessageKey& target) {
  const Jid& chat = thread.address;
  auto row = load_message(database, thread.row_id, message_document_id(target, chat).str(), chat);
  if (row && matches(*row, target)) return row;
  row = load_message(database, thread.row_id, hashed_message_id(target, chat).str(), chat);
  if (row && matches(*row, target)) return row;
  return std::nullopt;
}

// In a chat of two, who is not us is the other side; in a group addresses must agree.
bool InboxWriter::State::is_author(const MessageRow& row, const Jid& by) {
  if (by.empty() || is_own(by)) return row.message.key.from_me;
  if (row.message.key.from_me) return false;
  return row.message.chat.is_person() || canonical(row.message.sender) == by;
}

Amend InboxWriter::State::apply(ThreadRow& thread, MessageRow& row, const Amendment& amendment) {
  bool changed = false;
  switch (amendment.kind) {
    case Kind::kReaction: {
      const Jid who = amendment.by.empty() ? own_phone : amendment.by;
      std::string& emoji = row.message.reactions[who.to_string()];
      const std::string told = amendment.text.value_or(std::string());
      changed = emoji != told;
      emoji = told;
      break;
    }
    case Kind::kEdit:
      if (!is_author(row, amendment.by)) return Amend::kNotAllowed;
      changed = apply_edit(row, amendment.text, amendment.at);
      break;
    case Kind::kRevoke:
      if (!is_author(row, amendment.by) && !(amendment.by_admin && row.message.chat.is_group())) {
        return Amend::kNotAllowed;
      }
      changed = apply_revoke(row, amendment.at);
      break;
  }
  if (!changed) return Amend::kUnchanged;
  update_message(database, row);
  after_change(thread, row);
  return Amend::kApplied;
}

Amend InboxWriter::State::amend(const Jid& chat, Amendment amendment) {
  if (!can_be_thread(chat)) return Amend::kNotAllowed;
  const Jid jid = canonical(chat);
  amendment.by = canonical(amendment.by);
  amendment.target.participant =
      repaired_utf8(first_bytes(amendment.target.participant, kMaxParticipantBytes));
  if (!amendment.at.known() || amendment.at > now) amendment.at = now;
  if (ThreadRow* thread = find_thread(jid)) {
    if (auto row = find_target(*thread, amendment.target)) return apply(*thread, *row, amendment);
  }
  remember(jid, amendment);
  return Amend::kNoMessage;
}

void InboxWriter::State::remember(const Jid& chat, const Amendment& amendment) {
  const std::string id = message_document_id(amendment.target, chat).str();
  database
      .prepare(
          "INSERT INTO waiting_amendments (chat, target_id, target_from_me, target_participant,"
          " kind, sent_by, by_admin, text, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
          " ON CONFLICT (chat, target_id, kind, sent_by) DO UPDATE SET"
          " by_admin = max(by_admin, excluded.by_admin), text = excluded.text, at = excluded.at"
          " WHERE excluded.at >= at")
      .bind(chat.to_string(), id, amendment.target.from_me, amendment.target.participant,
            static_cast<int>(amendment.kind), amendment.by.to_string(), amendment.by_admin,
            amendment.text, amendment.at)
      .run();
  database
      .prepare(
          "DELETE FROM waiting_amendments WHERE row_id <="
          " (SELECT max(row_id) FROM waiting_amendments) - ?")
      .bind(kMaxWaiting)
      .run();
  if (awaited_ids) awaited_ids->insert(id);
}

void InboxWriter::State::apply_waiting(ThreadRow& thread, const MessageRow& inserted) {
  if (!awaited_ids) {
    awaited_ids.emplace();
    auto query = database.prepare("SELECT target_id FROM waiting_amendments");
    while (query.step()) awaited_ids->insert(query.text(0));
  }
  if (awaited_ids->empty() || !awaited_ids->contains(inserted.document_id)) return;

  std::vector<std::pair<std::int64_t, Amendment>> waiting;
  {
    auto query = database.prepare(
        "SELECT row_id, target_from_me, target_participant, kind, sent_by, by_admin, text, at"
        " FROM waiting_amendments WHERE chat = ? AND target_id = ? ORDER BY at");
    query.bind(thread.jid, inserted.document_id);
    while (query.step()) {
      waiting.emplace_back(
          query.integer(0),
          Amendment{.kind = static_cast<Kind>(query.integer(3)),
                    .target = {.id = inserted.message.key.id,
                               .remote_jid = inserted.message.key.remote_jid,
                               .from_me = query.integer(1) != 0,
                               .participant = query.text(2)},
                    .by = canonical(Jid::parse(query.text_view(4)).value_or(Jid{})),
                    .by_admin = query.integer(5) != 0,
                    .text = query.optional_text(6),
                    .at = query.time(7)});
    }
  }
  for (const auto& [id, amendment] : waiting) {
    auto row = load_message(database, thread.row_id, inserted.document_id, inserted.message.chat);
    if (!row || !matches(*row, amendment.target)) continue;
    apply(thread, *row, amendment);
    database.prepare("DELETE FROM waiting_amendments WHERE row_id = ?").bind(id).run();
  }
}

Amend InboxWriter::put_reaction(const Reaction& reaction) {
  return state_->amend(reaction.chat, {.kind = State::Kind::kReaction,
                                       .target = reaction.target,
                                       .by = reaction.by,
                                       .by_admin = false,
                                       .text = clean_emoji(reaction.emoji),
                                       .at = reaction.at});
}

Amend InboxWriter::put_edit(const Edit& edit) {
  std::optional<std::string> text;
  if (edit.body) text = repaired_utf8(first_bytes(*edit.body, kMaxEditBytes));
  return state_->amend(edit.chat, {.kind = State::Kind::kEdit,
                                   .target = edit.target,
                                   .by = edit.by,
                                   .by_admin = false,
                                   .text = std::move(text),
                                   .at = edit.at});
}

Amend InboxWriter::put_revoke(const Revoke& revoke) {
  return state_->amend(revoke.chat, {.kind = State::Kind::kRevoke,
                                     .target = revoke.target,
                                     .by = revoke.by,
                                     .by_admin = revoke.by_admin,
                                     .text = std::nullopt,
                                     .at = revoke.at});
}

int InboxWriter::put_receipt(const Receipt& receipt) {
  State& s = *state_;
  ThreadRow* thread = s.find_thread(s.canonical(receipt.chat));
  if (thread == nullptr) return 0;
  int moved = 0;
  const UnixSeconds at = receipt.at.known() ? std::min(receipt.at, s.now) : s.now;
  for (const std::string& id : receipt.ids) {
    const MessageKey key{.id = id, .remote_jid = {}, .from_me = true, .participant = {}};
    auto row = s.find_target(*thread, key);
    if (!row || receipt.status <= row->message.status) continue;
    row->message.status = receipt.status;
    if (receipt.status == DeliveryStatus::kDelivered) row->delivered_at = at;
    if (receipt.status == DeliveryStatus::kRead) row->read_at = at;
    update_message(s.database, *row);
    ++moved;
  }
  return moved;
}

UnixSeconds InboxWriter::newest_of(const Jid& chat, const std::vector<std::string>& ids) {
  State& s = *state_;
  UnixSeconds newest{};
  const ThreadRow* thread = s.find_thread(s.canonical(chat));
  if (thread == nullptr) return newest;
  for (const std::string& id : ids) {
    const MessageKey key{.id = id, .remote_jid = {}, .from_me = false, .participant = {}};
    if (const auto row = s.find_target(*thread, key)) {
      newest = std::max(newest, row->message.sent_at);
    }
  }
  return newest;
}

}  // namespace wasync
