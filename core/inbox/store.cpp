#include "inbox/store.h"

#include <algorithm>

#include "base/error.h"
#include "inbox/ids.h"
#include "inbox/left_out.h"
#include "inbox/media_facts.h"
#include "inbox/queries.h"
#include "inbox/search_index.h"
#include "inbox/writer_state.h"

namespace wasync {
namespace {

constexpr std::uint32_t kMaxUnread = 1'000'000;
constexpr std::int64_t kSurelyWrong_s = 86'400;

// A clock that was behind gave live messages its own time instead of theirs; history knows theirs.
bool is_kept_too_early(const Message& known, const Message& told) {
  return told.source != SyncSource::kRealtime && known.sent_at > kNoTimeTold &&
         told.sent_at.value > known.sent_at.value + kSurelyWrong_s;
}

// A history name that only spells the chat's own number is no name.
bool spells_number(const std::string& name, const Jid& jid) {
  const auto phone = phone_of(jid);
  const auto spelled = normalized_phone(name);
  return phone && spelled && *spelled == *phone;
}

}  // namespace

InboxWriter::State::State(Database& db, UnixSeconds at) : database(db), now(at) {
  if (!database.in_transaction()) {
    throw Error(ErrorCode::kInternal, "an inbox writer needs an open transaction");
  }
  auto account = database.prepare("SELECT jid, lid FROM account");
  if (!account.step()) throw Error(ErrorCode::kInternal, "this account file has no account row");
  own_phone = Jid::parse(account.text_view(0)).value_or(Jid{}).bare();
  own_lid = Jid::parse(account.text_view(1)).value_or(Jid{}).bare();
  former_own_lids = lids_for_phone(database, own_phone);
}

InboxWriter::InboxWriter(Database& database, UnixSeconds now)
    : state_(std::make_unique<State>(database, now)) {}
InboxWriter::~InboxWriter() = default;

ThreadRow* InboxWriter::State::thread_as_stored(const std::string& jid) {
  const auto [place, is_new] = threads.try_emplace(jid);
  if (is_new) {
    if (auto row = load_thread(database, jid)) {
      place->second = std::make_unique<ThreadRow>(std::move(*row));
    }
  }
  return place->second.get();
}

ThreadRow* InboxWriter::State::find_thread(const Jid& canonical) {
  ThreadRow* row = thread_as_stored(canonical.to_string());
  if (row != nullptr && !row->shown.redirect_to.empty()) {
    if (ThreadRow* target = thread_as_stored(row->shown.redirect_to)) return target;
  }
  return row;
}

ThreadRow& InboxWriter::State::need_thread(const Jid& canonical) {
  if (ThreadRow* row = find_thread(canonical)) return *row;
  const std::string jid = canonical.to_string();
  auto& place = threads[jid];
  place = std::make_unique<ThreadRow>(insert_thread(database, jid));
  ++counts.threads_created;
  if (is_official_chat(canonical)) improve_name(*place, "WhatsApp", NameRank::kVerified);
  if (canonical.is_person()) name_thread(*place, contact(jid));
  apply_settings(*place);
  return *place;
}

PutConversation InboxWriter::put_conversation(const Conversation& conversation) {
  if (!takes_messages(conversation.chat)) return PutConversation::kNoChat;
  if (conversation.chat.is_lid() && !conversation.phone_alias.empty()) {
    put_lid_mapping({.lid = conversation.chat, .phone = conversation.phone_alias});
  } else if (!conversation.chat.is_lid() && !conversation.lid_alias.empty()) {
    put_lid_mapping({.lid = conversation.lid_alias, .phone = conversation.chat});
  }
  const Jid jid = state_->canonical(conversation.chat);
  const bool existed = state_->find_thread(jid) != nullptr;
  ThreadRow& row = state_->need_thread(jid);
  const ThreadRow::Shown shown_before = row.shown;
  const ThreadRow::Kept kept_before = row.kept;

  const std::string name = clean_name(conversation.name);
  if (jid.is_group()) {
    if (!name.empty()) row.shown.group_subject = name;
    improve_name(row, name, NameRank::kSubject);
  } else if (!spells_number(name, jid) && !state_->is_own(jid)) {
    improve_name(row, name, NameRank::kHistory);
  }
  const UnixSeconds told = std::min(conversation.last_activity, state_->now);
  if (told.known()) row.conversation_at = std::max(row.conversation_at, told);
  // A chunk that is older than what we have knows nothing about what is unread now.
  if (conversation.last_activity >= row.kept.newest_at) {
    row.shown.unread = std::min(conversation.unread_count, kMaxUnread);
  }
  if (conversation.history_exhausted) row.shown.history_exhausted = true;
  if (conversation.changed_to_other) {
    put_number_change(conversation.chat, conversation.other_number);
  } else if (!conversation.other_number.empty()) {
    put_number_change(conversation.other_number, conversation.chat);
  }
  row.kept.archived_on_phone = conversation.archived;
  row.kept.pinned_on_phone = conversation.pinned;
  row.kept.muted_until = conversation.muted_until;
  state_->apply_settings(row);

  if (!existed) return PutConversation::kCreated;
  const bool later = row.kept.messages == 0 && row.conversation_at > row.shown.last_message_at;
  return later || row.shown != shown_before || row.kept != kept_before
             ? PutConversation::kUpdated
             : PutConversation::kUnchanged;
}

PutMessage InboxWriter::put_message(Message message) {
  State& s = *state_;
  if (!takes_messages(message.chat)) {
    ++s.counts.messages_dropped;
    return PutMessage::kNoChat;
  }
  const Jid jid = s.canonical(message.chat);
  ThreadRow* thread = s.find_thread(jid);
  if (thread == nullptr) {
    if (message.source == SyncSource::kBackfill) {
      ++s.counts.messages_dropped;
      return PutMessage::kNoThread;
    }
    thread = &s.need_thread(jid);
  }
  if (s.was_told(*thread, message)) {
    ++s.counts.messages_unchanged;
    return PutMessage::kUnchanged;
  }

  const SyncSource source = message.source;
  MessageRow row = prepared_message(std::move(message), s.now);
  Message& m = row.message;
  row.thread = thread->row_id;
  m.chat = thread->address;
  s.drop_malformed_secret(m);
  if (m.key.from_me) {
    m.sender = {};
    m.sender_name.clear();
  } else {
    m.sender = m.sender.empty() && jid.is_person() ? jid : s.canonical(m.sender);
    if (!m.sender.empty() && !s.is_own(m.sender)) {
      s.learn_push_name(m.sender, m.sender_name, m.sent_at);
      const ContactRow& contact = s.contact(m.sender.to_string());
      if (!contact.saved_name.empty() || m.sender_name.empty()) m.sender_name = best_name(contact);
    }
  }
  if (!m.reactions.empty()) {
    std::map<std::string, std::string> reactions;
    for (auto& [participant, emoji] : m.reactions) {
      reactions[s.canonical(*Jid::parse(participant)).to_string()] = std::move(emoji);
    }
    m.reactions = std::move(reactions);
  }
  if (!m.answers.empty()) {
    std::map<std::string, Answer> answers;
    for (auto& [participant, answer] : m.answers) {
      answers[s.canonical(*Jid::parse(participant)).to_string()] = std::move(answer);
    }
    m.answers = std::move(answers);
  }

  row.document_id = message_document_id(m.key, m.chat).str();
  s.tells_known = !s.insert_message(*thread, row, source);
  return s.tells_known ? s.merge_known(*thread, row) : PutMessage::kInserted;
}

// Chunks overlap, and a phone that is linked again tells everything again. Known messages come in
// runs: outside of one, looking would only make new messages dearer.
bool InboxWriter::State::was_told(const ThreadRow& thread, const Message& message) {
  if (!tells_known || message.telling == 0) return false;
  auto query = database.prepare(
      "SELECT 1 FROM messages WHERE thread = ? AND document_id = ? AND telling = ?");
  query.bind(thread.row_id, message_document_id(message.key, thread.address).str(),
             message.telling);
  tells_known = query.step();
  return tells_known;
}

bool InboxWriter::State::insert_message(ThreadRow& thread, MessageRow& row, SyncSource source) {
  if (!insert) insert.emplace(database.prepare(insert_message_text()));
  const UnixSeconds secret_until = secret_end(row);
  bind_message(*insert, row, secret_until);
  insert->run();
  if (database.changes() == 0) return false;
  row.row_id = database.last_insert_id();
  ++counts.messages_inserted;
  const bool is_preview = note_message(thread, {.document_id = row.document_id,
                                                .sent_at = row.message.sent_at,
                                                .from_me = row.message.key.from_me,
                                                .source = source,
                                                .sender_name = row.message.sender_name});
  if (is_preview) thread.shown.last_text = preview_of(row.message);
  if (secret_until.known()) note_secret(row);
  keep_beside(row, row.message);
  note_sender(row);
  apply_waiting(thread, row);
  return true;
}

// The id is taken: by the same message, or by another one that a stranger gave the same id.
// The second gets an id of its own, so that nobody can overwrite what others wrote.
PutMessage InboxWriter::State::merge_known(ThreadRow& thread, MessageRow& told) {
  auto known = load_message(database, thread.row_id, told.document_id, told.message.chat);
  if (known && !matches(*known, told.message.key)) {
    told.document_id = hashed_message_id(told.message.key, told.message.chat).str();
    if (insert_message(thread, told, told.message.source)) return PutMessage::kInserted;
    known = load_message(database, thread.row_id, told.document_id, told.message.chat);
  }
  if (!known) throw Error(ErrorCode::kStore, "a message is neither new nor known");
  const UnixSeconds kept_at = known->message.sent_at;
  const bool too_early = is_kept_too_early(known->message, told.message);
  if (too_early) known->message.sent_at = told.message.sent_at;
  const bool better = merge_message(*known, told) || too_early;
  keep_secret(*known, told.message);
  keep_beside(*known, told.message);
  if (!better) {
    ++counts.messages_unchanged;
    return PutMessage::kUnchanged;
  }
  known->message.telling = told.message.telling;
  update_message(database, *known);
  note_sender(*known);
  if (too_early && kept_at == thread.kept.oldest_at) thread.kept.oldest_at = oldest_in(thread);
  after_change(thread, *known);
  ++counts.messages_updated;
  return PutMessage::kUpdated;
}

UnixSeconds InboxWriter::State::oldest_in(const ThreadRow& thread) const {
  auto query =
      database.prepare("SELECT min(sent_at) FROM messages WHERE thread = ? AND sent_at > ?");
  query.bind(thread.row_id, kNoTimeTold).step();
  return query.time(0);
}

void InboxWriter::State::keep_beside(const MessageRow& row, const Message& told) {
  if (row.message.deleted_at.known()) return forget_sealed(row);
  if (told.media_facts) put_media_facts(database, row.row_id, *told.media_facts);
}

void InboxWriter::State::after_change(ThreadRow& thread, const MessageRow& row) {
  has_taken_back = has_taken_back || row.message.deleted_at.known();
  const UnixSeconds sent_at = row.message.sent_at;
  if (sent_at > kNoTimeTold) {
    thread.kept.oldest_at = earlier(thread.kept.oldest_at, sent_at);
    if (sent_at > thread.kept.newest_at) {
      thread.kept.newest_at = sent_at;
      thread.shown.newest_from_me = row.message.key.from_me;
    }
    if (!row.message.key.from_me && sent_at > thread.kept.inbound_at) {
      thread.kept.inbound_at = sent_at;
      thread.kept.inbound_id = row.document_id;
    }
  }
  if (row.document_id == thread.kept.inbound_id) {
    thread.shown.last_text = preview_of(row.message);
    thread.shown.last_sender_name = row.message.sender_name;
  }
}

bool InboxWriter::set_unread(const Jid& chat, std::uint32_t count) {
  ThreadRow* row = state_->find_thread(state_->canonical(chat));
  if (row == nullptr || row->shown.unread == count) return false;
  row->shown.unread = std::min(count, kMaxUnread);
  return true;
}

bool InboxWriter::set_backfilled(const Jid& chat, UnixSeconds at, bool exhausted) {
  ThreadRow* row = state_->find_thread(state_->canonical(chat));
  if (row == nullptr) return false;
  row->shown.last_backfill_at = std::max(row->shown.last_backfill_at, at);
  if (exhausted) row->shown.history_exhausted = true;
  return true;
}

void InboxWriter::add_too_large(const Jid& chat, std::int64_t messages) {
  ThreadRow* row = state_->find_thread(state_->canonical(chat));
  if (row != nullptr) row->kept.too_large += messages;
}

Jid InboxWriter::canonical(const Jid& chat) {
  return state_->canonical(chat);
}

bool InboxWriter::has_thread(const Jid& chat) {
  return state_->find_thread(state_->canonical(chat)) != nullptr;
}

bool InboxWriter::knows(const Jid& chat, const MessageKey& key) {
  const ThreadRow* thread = state_->find_thread(state_->canonical(chat));
  return thread != nullptr && state_->find_target(*thread, key).has_value();
}

void InboxWriter::flush() {
  for (const auto& [jid, row] : state_->threads) {
    if (row) save_thread(state_->database, *row);
  }
  State& s = *state_;
  add_left_out(s.database, LeftOut::kOfShare, s.counts.left_out - s.stored_left_out, s.now);
  s.stored_left_out = s.counts.left_out;
  const bool forgets = state_->has_taken_back || !state_->unnamed.empty();
  state_->forget_removed_names();
  state_->remove_old_secrets();
  index_new_rows(state_->database, forgets ? Indexing::kNow : Indexing::kWhenWorthwhile);
}

InboxWriter::Counts InboxWriter::counts() const {
  Counts counts = state_->counts;
  for (const auto& [jid, row] : state_->threads) {
    if (row && row->created && row->kept.messages == 0) ++counts.placeholders;
  }
  return counts;
}

}  // namespace wasync
