// Reactions, edits, votes, revokes and receipts.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/columns.h"
#include "base/text.h"
#include "inbox/answers.h"
#include "inbox/ids.h"
#include "inbox/media_facts.h"
#include "inbox/writer_state.h"

namespace wasync {
namespace {

// Strangers may send amendments of messages that never were.
constexpr int kMaxWaiting = 5'000;
// Of one person, a thousand short ones or four of the longest edits: nobody pushes another's out.
constexpr std::int64_t kMaxWaitingBytesOfOne = 1024 * 1024;
constexpr std::size_t kMaxEditBytes = 256 * 1024;  // WhatsApp's own limit: 65,536 characters
constexpr std::size_t kMaxParticipantBytes = 256;
constexpr std::size_t kMaxOptionNameBytes = 1024;  // WhatsApp's own limit: 100 characters

// One that waits for its message.
struct Waiting {
  std::string chat{};
  std::string target_id{};
  bool target_from_me = false;
  std::string target_participant{};
  int kind = 0;
  std::string sent_by{};
  bool by_admin = false;
  std::optional<std::string> text{};
  UnixSeconds at{};
};

constexpr std::array kWaiting{column<&Waiting::chat>("chat"),
                              column<&Waiting::target_id>("target_id"),
                              column<&Waiting::target_from_me>("target_from_me"),
                              column<&Waiting::target_participant>("target_participant"),
                              column<&Waiting::kind>("kind"),
                              column<&Waiting::sent_by>("sent_by"),
                              column<&Waiting::by_admin>("by_admin"),
                              column<&Waiting::text>("text"),
                              column<&Waiting::at>("at")};

// Whether the poll did not have it yet.
bool add_option(Message& poll, const std::string& name) {
  const PollOption option = poll_option(name);
  if (poll.poll_options.size() >= kMaxPollOptions || option.name.empty() ||
      std::ranges::find(poll.poll_options, option.id, &PollOption::id) != poll.poll_options.end()) {
    return false;
  }
  poll.poll_options.push_back(option);
  if (poll.body && poll.body->size() + option.name.size() < kMaxBodyBytes / 2) {
    *poll.body += "\n- " + option.name;
  }
  return true;
}

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
  Message& message = row.message;
  const std::string who = (amendment.by.empty() ? own_phone : amendment.by).to_string();
  switch (amendment.kind) {
    case Kind::kReaction: {
      if (message.reactions.size() >= kMaxReactions && !message.reactions.contains(who)) {
        ++counts.left_out;
        return Amend::kNotAllowed;
      }
      std::string& emoji = message.reactions[who];
      const std::string told = amendment.text.value_or(std::string());
      changed = emoji != told;
      emoji = told;
      break;
    }
    case Kind::kEdit:
      if (!is_author(row, amendment.by)) return Amend::kNotAllowed;
      changed = apply_edit(row, amendment.text, amendment.at);
      if (message.deleted_at.known()) break;
      if (!amendment.poll_options.empty() && amendment.poll_options != message.poll_options) {
        message.poll_options = amendment.poll_options;
        changed = true;
      }
      if (amendment.media_facts) put_media_facts(database, row.row_id, *amendment.media_facts);
      break;
    case Kind::kAnswer:
      if (message.deleted_at.known() ||
          (message.type != message_type::kPoll && message.type != message_type::kEvent)) {
        return Amend::kNotAllowed;
      }
      changed = take_answer(message, who,
                            {.picks = amendment.text.value_or(std::string()), .at = amendment.at});
      break;
    case Kind::kPollOption:
      if (message.deleted_at.known() || message.type != message_type::kPoll) {
        return Amend::kNotAllowed;
      }
      changed = add_option(message, amendment.text.value_or(std::string()));
      break;
    case Kind::kRevoke:
      if (!is_author(row, amendment.by) && !(amendment.by_admin && message.chat.is_group())) {
        return Amend::kNotAllowed;
      }
      changed = apply_revoke(row, amendment.at);
      forget_sealed(row);
      break;
  }
  if (!changed) return Amend::kUnchanged;
  if (amendment.kind == Kind::kReaction || amendment.kind == Kind::kAnswer) {
    update_answers(database, row);
  } else {
    update_message(database, row);
  }
  after_change(thread, row);
  return Amend::kApplied;
}

Amend InboxWriter::State::amend(const Jid& chat, Amendment amendment) {
  if (!takes_messages(chat)) return Amend::kNotAllowed;
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
  const Waiting waiting{.chat = chat.to_string(),
                        .target_id = message_document_id(amendment.target, chat).str(),
                        .target_from_me = amendment.target.from_me,
                        .target_participant = amendment.target.participant,
                        .kind = static_cast<int>(amendment.kind),
                        .sent_by = amendment.by.to_string(),
                        .by_admin = amendment.by_admin,
                        .text = amendment.text,
                        .at = amendment.at};
  static const std::string kInsert =
      "INSERT INTO waiting_amendments (" + column_names(kWaiting) + ") VALUES (" +
      placeholders(kWaiting) +
      ") ON CONFLICT (chat, target_id, kind, sent_by) DO UPDATE SET"
      " by_admin = max(by_admin, excluded.by_admin), text = excluded.text, at = excluded.at"
      " WHERE excluded.at >= at";
  auto put = database.prepare(kInsert);
  bind_columns(put, kWaiting, waiting);
  put.run();
  if (!amendment.by.empty()) {
    // A row takes some hundred bytes beside its text, and its index as much.
    database
        .prepare(
            "DELETE FROM waiting_amendments WHERE row_id IN (SELECT row_id FROM (SELECT row_id,"
            " sum(1024 + coalesce(length(CAST(text AS BLOB)), 0)) OVER (ORDER BY row_id DESC)"
            " AS bytes FROM waiting_amendments WHERE sent_by = ?) WHERE bytes > ?)")
        .bind(waiting.sent_by, kMaxWaitingBytesOfOne)
        .run();
    counts.left_out += database.changes();
  }
  database
      .prepare(
          "DELETE FROM waiting_amendments WHERE row_id <="
          " (SELECT max(row_id) FROM waiting_amendments) - ?")
      .bind(kMaxWaiting)
      .run();
  counts.left_out += database.changes();
  keeps_waiting = true;
}

void InboxWriter::State::apply_waiting(ThreadRow& thread, const MessageRow& inserted) {
  if (!keeps_waiting)
    keeps_waiting = database.prepare("SELECT 1 FROM waiting_amendments LIMIT 1").step();
  if (!*keeps_waiting) return;

  std::vector<std::pair<std::int64_t, Amendment>> waiting;
  {
    static const std::string kSelect =
        "SELECT row_id, " + column_names(kWaiting) +
        " FROM waiting_amendments WHERE chat = ? AND target_id = ? ORDER BY at";
    auto query = database.prepare(kSelect);
    query.bind(thread.jid, inserted.document_id);
    while (query.step()) {
      Waiting row;
      read_columns(query, kWaiting, row, 1);
      waiting.emplace_back(query.integer(0),
                           Amendment{.kind = static_cast<Kind>(row.kind),
                                     .target = {.id = inserted.message.key.id,
                                                .remote_jid = inserted.message.key.remote_jid,
                                                .from_me = row.target_from_me,
                                                .participant = std::move(row.target_participant)},
                                     .by = canonical(Jid::parse(row.sent_by).value_or(Jid{})),
                                     .by_admin = row.by_admin,
                                     .text = std::move(row.text),
                                     .at = row.at});
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
  return state_->amend(
      edit.chat,
      {.kind = State::Kind::kEdit,
       .target = edit.target,
       .by = edit.by,
       .by_admin = false,
       .text = std::move(text),
       .at = edit.at,
       .poll_options = edit.poll_options,
       .media_facts = edit.media_facts ? sound_media_facts(*edit.media_facts) : std::nullopt});
}

Amend InboxWriter::put_answer(const AnswerTo& answer) {
  return state_->amend(answer.chat, {.kind = State::Kind::kAnswer,
                                     .target = answer.target,
                                     .by = answer.by,
                                     .text = clean_picks(answer.picks),
                                     .at = answer.at});
}

Amend InboxWriter::put_poll_option(const AddedOption& added) {
  if (added.name.empty() || added.name.size() > kMaxOptionNameBytes) return Amend::kNotAllowed;
  return state_->amend(added.chat, {.kind = State::Kind::kPollOption,
                                    .target = added.target,
                                    .by = added.by,
                                    .text = added.name,
                                    .at = added.at});
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
    update_receipts(s.database, *row);
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
