#include "sim/wire_history.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/crypto.h"
#include "proto/history_sync.pb.h"
#include "proto/message.pb.h"
#include "proto/web_message.pb.h"
#include "sim/sealing.h"

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

void add_statuses(const Dataset& dataset, pb::HistorySync& chunk) {
  for (std::size_t c = 0; c < dataset.chats.size(); ++c) {
    if (dataset.chats[c].kind != ChatKind::kStatus) continue;
    for (std::size_t i = 0; i < dataset.chats[c].total(); ++i)
      *chunk.add_status_v3_messages() = wire_message(dataset, c, i);
  }
}

void add_push_names(const Dataset& dataset, pb::HistorySync& chunk) {
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
}

// The phone's settings and what else no conversation waits for. Which LIDs are whose, as in others.
void add_side_data(const Dataset& dataset, pb::HistorySync& chunk) {
  constexpr std::size_t kSaltSize = 32;
  chunk.set_nct_salt(std::string(kSaltSize, 's'));
  chunk.mutable_global_settings()->set_chat_db_lid_migration_timestamp(1'767'000'000);
  chunk.add_accounts()->set_lid(dataset.owner.lid_jid());
}

// Moves it there from where the chunk's kind has its place.
void place_side_data(ChunkPlan::SideData where, std::vector<ChunkOutline>& outlines) {
  if (where == ChunkPlan::SideData::kBetween) return;
  for (ChunkOutline& outline : outlines)
    outline.with_mappings = outline.type == pb::HISTORY_SYNC_NON_BLOCKING_DATA;
  const bool first = where == ChunkPlan::SideData::kFirst;
  std::ranges::stable_sort(outlines, [&](const ChunkOutline& a, const ChunkOutline& b) {
    return first ? a.with_mappings > b.with_mappings : a.with_mappings < b.with_mappings;
  });
}

// Which messages of a chat a phase carries: the newest so many of the pushed ones.
using Count = std::function<std::size_t(const Chat&)>;

void plan_phase(const Dataset& dataset, std::int32_t type, std::size_t messages_per_chunk,
                const Count& count_of, std::vector<ChunkOutline>& outlines) {
  ChunkOutline outline{
      .type = type, .order = 1, .progress = {}, .with_mappings = true, .parts = {}};
  std::size_t messages = 0;
  for (std::size_t c = 0; c < dataset.chats.size(); ++c) {
    const Chat& chat = dataset.chats[c];
    if (chat.kind == ChatKind::kStatus) continue;
    const std::size_t count = std::min(count_of(chat), chat.pushed);
    if (messages > 0 && messages + count > messages_per_chunk) {
      outline.progress = static_cast<std::uint32_t>(c * 100 / dataset.chats.size());
      const std::uint32_t next = outline.order + 1;
      outlines.push_back(std::move(outline));
      outline = {.type = type, .order = next, .progress = {}, .with_mappings = false, .parts = {}};
      messages = 0;
    }
    outline.parts.push_back({.chat = c, .from = chat.total() - count, .to = chat.total()});
    messages += count;
  }
  outline.progress = 100;
  outlines.push_back(std::move(outline));
}

// In the envelope, and often inside the message, too.
void set_secret(pb::WebMessageInfo& info) {
  const std::string secret = message_secret(info.key().id());
  info.set_message_secret(secret);
  if (info.message_timestamp() % 2 == 0)
    info.mutable_message()->mutable_message_context_info()->set_message_secret(secret);
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
  if (message.is_content()) set_secret(info);
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

std::vector<ChunkOutline> plan_chunks(const Dataset& dataset, const ChunkPlan& plan) {
  constexpr std::size_t kRecent = 50;  // messages a chat, when everything follows as FULL
  const auto everything = [](const Chat& chat) { return chat.pushed; };
  const auto bootstrap = [&](const Chat&) { return plan.bootstrap_messages; };
  const auto recent = [&](const Chat& chat) { return plan.full ? kRecent : chat.pushed; };
  std::vector<ChunkOutline> outlines;
  outlines.push_back({.type = pb::HISTORY_SYNC_INITIAL_STATUS_V3,
                      .order = 1,
                      .progress = {},
                      .with_mappings = false,
                      .parts = {}});
  const std::size_t per_chunk = plan.messages_per_chunk;
  plan_phase(dataset, pb::HISTORY_SYNC_INITIAL_BOOTSTRAP, per_chunk, bootstrap, outlines);
  outlines.push_back({.type = pb::HISTORY_SYNC_PUSH_NAME,
                      .order = 1,
                      .progress = 100,
                      .with_mappings = false,
                      .parts = {}});
  outlines.push_back({.type = pb::HISTORY_SYNC_NON_BLOCKING_DATA,
                      .order = 1,
                      .progress = {},
                      .with_mappings = true,
                      .parts = {}});
  plan_phase(dataset, pb::HISTORY_SYNC_RECENT, per_chunk, recent, outlines);
  if (plan.full) plan_phase(dataset, pb::HISTORY_SYNC_FULL, per_chunk, everything, outlines);
  place_side_data(plan.side_data, outlines);
  return outlines;
}

pb::HistorySync make_chunk(const Dataset& dataset, const ChunkOutline& outline) {
  pb::HistorySync chunk;
  chunk.set_sync_type(static_cast<pb::HistorySyncType>(outline.type));
  chunk.set_chunk_order(outline.order);
  if (outline.progress) chunk.set_progress(*outline.progress);
  if (outline.with_mappings) add_mappings(dataset, chunk);
  if (outline.type == pb::HISTORY_SYNC_INITIAL_STATUS_V3) add_statuses(dataset, chunk);
  if (outline.type == pb::HISTORY_SYNC_PUSH_NAME) add_push_names(dataset, chunk);
  if (outline.type == pb::HISTORY_SYNC_NON_BLOCKING_DATA) add_side_data(dataset, chunk);
  for (const ChunkOutline::Part& part : outline.parts)
    *chunk.add_conversations() = wire_conversation(dataset, part.chat, part.from, part.to);
  return chunk;
}

}  // namespace wasync::sim
