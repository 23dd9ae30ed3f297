#include "sim/wire_history.h"

#include <algorithm>

#include "base/crypto.h"
#include "proto/history_sync.pb.h"
#include "proto/message.pb.h"
#include "proto/web_message.pb.h"

namespace wasync::sim {
namespace {

void add_mappings(const Dataset& dataset, pb::HistorySync& chunk) {
  for (const Person& person : dataset.people) {
    if (!person.mapping_told) continue;
    auto* mapping = chunk.add_phone_number_to_lid_mappings();
    mapping->set_pn_jid(person.phone_jid());
    mapping->set_lid_jid(person.lid_jid());
  }
}

pb::HistorySync begin_chunk(pb::HistorySyncType type, std::uint32_t order) {
  pb::HistorySync chunk;
  chunk.set_sync_type(type);
  chunk.set_chunk_order(order);
  return chunk;
}

pb::HistorySync status_chunk(const Dataset& dataset) {
  pb::HistorySync chunk = begin_chunk(pb::HISTORY_SYNC_INITIAL_STATUS_V3, 1);
  for (std::size_t c = 0; c < dataset.chats.size(); ++c) {
    if (dataset.chats[c].kind != ChatKind::kStatus) continue;
    for (std::size_t i = 0; i < dataset.chats[c].total(); ++i)
      *chunk.add_status_v3_messages() = wire_message(dataset, c, i);
  }
  return chunk;
}

pb::HistorySync push_name_chunk(const Dataset& dataset) {
  pb::HistorySync chunk = begin_chunk(pb::HISTORY_SYNC_PUSH_NAME, 1);
  chunk.set_progress(100);
  const auto add = [&](const std::string& jid, const std::string& name) {
    auto* entry = chunk.add_pushnames();
    entry->set_id(jid);
    entry->set_pushname(name);
  };
  // The owner's own name is in the list too: it must not become anybody else's.
  add(dataset.owner.phone_jid(), dataset.owner.push_name);
  for (const Person& person : dataset.people) {
    if (person.push_name.empty()) continue;
    add(person.jid(), person.push_name);
  }
  return chunk;
}

// Which messages of a chat a phase carries.
using Range = std::function<std::pair<std::size_t, std::size_t>(const Chat&)>;

void send_phase(const Dataset& dataset, pb::HistorySyncType type, std::size_t messages_per_chunk,
                const Range& range, const std::function<void(const pb::HistorySync&)>& sink) {
  std::uint32_t order = 1;
  pb::HistorySync chunk = begin_chunk(type, order);
  add_mappings(dataset, chunk);
  std::size_t messages = 0;
  for (std::size_t c = 0; c < dataset.chats.size(); ++c) {
    if (dataset.chats[c].kind == ChatKind::kStatus) continue;
    const auto [from, to] = range(dataset.chats[c]);
    if (messages > 0 && messages + (to - from) > messages_per_chunk) {
      chunk.set_progress(static_cast<std::uint32_t>(c * 100 / dataset.chats.size()));
      sink(chunk);
      chunk = begin_chunk(type, ++order);
      messages = 0;
    }
    *chunk.add_conversations() = wire_conversation(dataset, c, from, to);
    messages += to - from;
  }
  chunk.set_progress(100);
  sink(chunk);
}

}  // namespace

pb::WebMessageInfo wire_message(const Dataset& dataset, std::size_t chat_index, std::size_t index) {
  const Chat& chat = dataset.chats.at(chat_index);
  const Message message = dataset.message(chat_index, index);
  const std::string author = dataset.author_jid(chat, message);

  pb::WebMessageInfo info;
  info.mutable_key()->set_remote_jid(chat.jid);
  info.mutable_key()->set_from_me(message.from_me);
  info.mutable_key()->set_id(message.id);
  info.set_message_timestamp(static_cast<std::uint64_t>(message.sent_at));
  if (message.from_me)
    info.set_status(pb::WebMessageInfo::STATUS_READ);
  else if (chat.kind != ChatKind::kPerson) {
    info.mutable_key()->set_participant(author);
    info.set_participant(author);
  }
  if (!message.from_me && message.author) {
    const Person& person = dataset.people[*message.author];
    if (!person.push_name.empty()) info.set_push_name(person.push_name);
    if (!person.verified_name.empty()) info.set_verified_biz_name(person.verified_name);
  }
  if (message.kind == Kind::kStub) {
    info.set_message_stub_type(27);  // GROUP_PARTICIPANT_ADD
    info.add_message_stub_parameters(author);
    return info;
  }
  *info.mutable_message() = wire_content(dataset, chat, chat_index, message);
  for (const auto& [who, emoji] : message.reactions) {
    pb::Reaction* reaction = info.add_reactions();
    reaction->set_text(emoji);
    pb::MessageKey* key = reaction->mutable_key();
    key->set_remote_jid(chat.jid);
    key->set_from_me(!who.has_value());
    key->set_id(message.id + "R");
    if (who && chat.kind == ChatKind::kGroup)
      key->set_participant(dataset.people[*who].phone_jid());
  }
  return info;
}

pb::Conversation wire_conversation(const Dataset& dataset, std::size_t index, std::size_t from,
                                   std::size_t to) {
  const Chat& chat = dataset.chats.at(index);
  pb::Conversation conversation;
  conversation.set_id(chat.jid);
  if (!chat.name.empty()) conversation.set_name(chat.name);
  if (!chat.pn_jid.empty()) conversation.set_pn_jid(chat.pn_jid);
  if (!chat.lid_jid.empty()) conversation.set_lid_jid(chat.lid_jid);
  conversation.set_conversation_timestamp(static_cast<std::uint64_t>(chat.active_at));
  conversation.set_unread_count(chat.unread);
  conversation.set_archived(chat.archived);
  if (chat.pinned) conversation.set_pinned(static_cast<std::uint32_t>(chat.active_at));
  if (chat.muted) conversation.set_mute_end_time(4'102'444'800);
  for (const std::size_t member : chat.members) {
    auto* participant = conversation.add_participant();
    participant->set_user_jid(dataset.people[member].phone_jid());
    participant->set_rank(pb::GroupParticipant::RANK_REGULAR);
  }
  const bool more = from > 0;
  conversation.set_end_of_history_transfer(!more);
  conversation.set_end_of_history_transfer_type(
      more ? pb::Conversation::END_OF_HISTORY_MORE_ON_PRIMARY
           : pb::Conversation::END_OF_HISTORY_NO_MORE_ON_PRIMARY);
  for (std::size_t i = to; i-- > from;) {
    auto* entry = conversation.add_messages();
    *entry->mutable_message() = wire_message(dataset, index, i);
    entry->set_msg_order_id(i + 1);
  }
  return conversation;
}

void for_each_chunk(const Dataset& dataset, const ChunkPlan& plan,
                    const std::function<void(const pb::HistorySync&)>& sink) {
  const auto bootstrap = [&](const Chat& chat) {
    const std::size_t count = std::min(plan.bootstrap_messages, chat.pushed);
    return std::pair{chat.total() - count, chat.total()};
  };
  // A recent phase of at most 50 messages a chat, then everything that is pushed.
  const auto recent = [&](const Chat& chat) {
    const std::size_t count = plan.full ? std::min<std::size_t>(50, chat.pushed) : chat.pushed;
    return std::pair{chat.total() - count, chat.total()};
  };
  const auto full = [&](const Chat& chat) { return std::pair{chat.older, chat.total()}; };

  sink(status_chunk(dataset));
  send_phase(dataset, pb::HISTORY_SYNC_INITIAL_BOOTSTRAP, plan.messages_per_chunk, bootstrap, sink);
  sink(push_name_chunk(dataset));
  send_phase(dataset, pb::HISTORY_SYNC_RECENT, plan.messages_per_chunk, recent, sink);
  if (plan.full) send_phase(dataset, pb::HISTORY_SYNC_FULL, plan.messages_per_chunk, full, sink);
}

}  // namespace wasync::sim
