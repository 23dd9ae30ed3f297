#include "sim/peer_requests.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/inflate.h"
#include "proto/history_sync.pb.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "proto/web_message.pb.h"
#include "sim/app_state.h"
#include "sim/phone.h"
#include "sim/wire_history.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Request = pb::PeerDataOperationRequestMessage;

// More than any client asks for at once.
constexpr std::int32_t kMaxOnDemand = 1'000;

// Whether the phone has told its companions the person's LID: then it knows the chat by that.
bool has_lid(const Dataset& dataset, std::size_t person) {
  const Person& one = dataset.people[person];
  return one.mapping_told || one.phone_hidden ||
         std::any_of(dataset.chats.begin(), dataset.chats.end(), [&](const Chat& chat) {
           return chat.person == person && (!chat.lid_jid.empty() || chat.jid == one.lid_jid());
         });
}

bool knows_by(const World& world, std::size_t person, const std::string& jid) {
  const Person& one = world.dataset.people[person];
  if (world.faults.on("forgive-chat-address"))
    return jid == one.phone_jid() || jid == one.lid_jid();
  if (world.faults.on("phone-number-chats")) return jid == one.jid();
  return jid == (has_lid(world.dataset, person) ? one.lid_jid() : one.phone_jid());
}

std::optional<std::size_t> find_chat(const World& world, const std::string& jid) {
  for (std::size_t i = 0; i < world.dataset.chats.size(); ++i) {
    const Chat& chat = world.dataset.chats[i];
    if (chat.malformed) continue;
    if (chat.person ? knows_by(world, *chat.person, jid) : chat.jid == jid) return i;
  }
  return std::nullopt;
}

// How many messages of the chat are older than the anchor.
std::optional<std::size_t> older_than(const World& world, std::size_t chat, const std::string& id) {
  for (std::size_t i = 0; i < world.dataset.chats[chat].total(); ++i)
    if (world.dataset.message(chat, i).id == id) return i;
  if (world.sent.contains(id)) return world.dataset.chats[chat].total();
  return std::nullopt;
}

std::string other_address(const Dataset& dataset, const Chat& chat) {
  if (!chat.person) return chat.jid;
  const Person& person = dataset.people[*chat.person];
  return chat.jid == person.lid_jid() ? person.phone_jid() : person.lid_jid();
}

void send_answer(World& world, Companion& companion, const pb::HistorySync& chunk,
                 const std::string& request_id) {
  auto& late = world.late_answers;
  if (world.faults.on("on-demand-late")) {
    world.faults.count_down("on-demand-late");
    late.emplace_back(request_id, chunk.SerializeAsString());
    return;
  }
  late.emplace_back(world.faults.on("on-demand-wrong-session") ? "3EB0NOBODY" : request_id,
                    chunk.SerializeAsString());
  for (const auto& [request, serialised] : std::exchange(late, {})) {
    pb::HistorySync answer;
    answer.ParseFromString(serialised);
    send_history_chunk(world, companion, answer, request);
  }
}

void send_older(World& world, Companion& companion, const std::string& request_id,
                const Request::HistorySyncOnDemandRequest& asked) {
  const auto chat = find_chat(world, asked.chat_jid());
  const auto end = chat ? older_than(world, *chat, asked.oldest_msg_id()) : std::nullopt;
  Journal::add(world.journal.history_requests, {.id = request_id,
                                                .chat = asked.chat_jid(),
                                                .anchor = asked.oldest_msg_id(),
                                                .anchor_time = asked.oldest_msg_timestamp_ms(),
                                                .count = asked.on_demand_msg_count(),
                                                .understood = end.has_value()});
  // A real phone says nothing to what it does not know.
  if (!end) return;
  if (world.faults.on("on-demand-silent") &&
      asked.oldest_msg_id().starts_with(world.faults.value("on-demand-silent")))
    return;
  const auto count =
      static_cast<std::size_t>(std::clamp(asked.on_demand_msg_count(), 0, kMaxOnDemand));
  std::size_t begin = *end > count ? *end - count : 0;
  if (world.faults.on("on-demand-short")) begin = *end - (*end - begin + 1) / 2;
  if (world.faults.on("on-demand-empty")) begin = *end;

  pb::HistorySync chunk;
  chunk.set_sync_type(pb::HISTORY_SYNC_ON_DEMAND);
  chunk.set_progress(100);
  pb::Conversation& conversation = *chunk.add_conversations();
  conversation = wire_conversation(world.dataset, *chat, begin, *end);
  conversation.set_end_of_history_transfer(true);
  conversation.set_end_of_history_transfer_type(
      begin > 0 ? pb::Conversation::END_OF_HISTORY_ON_DEMAND_MORE_ON_PRIMARY
                : pb::Conversation::END_OF_HISTORY_NO_MORE_ON_PRIMARY);
  if (world.faults.on("on-demand-empty")) conversation.clear_end_of_history_transfer_type();
  if (world.faults.on("on-demand-other-address")) {
    const std::string other = other_address(world.dataset, world.dataset.chats[*chat]);
    conversation.set_id(other);
    conversation.clear_pn_jid();
    conversation.clear_lid_jid();
    for (auto& entry : *conversation.mutable_messages())
      entry.mutable_message()->mutable_key()->set_remote_jid(other);
  }
  if (world.faults.on("on-demand-more-chats")) {
    const std::size_t other = (*chat + 1) % world.dataset.chats.size();
    const std::size_t all = world.dataset.chats[other].total();
    *chunk.add_conversations() =
        wire_conversation(world.dataset, other, all - std::min<std::size_t>(all, 3), all);
  }
  send_answer(world, companion, chunk, request_id);
}

// The message with this key as the phone has it, from the dataset or sent since.
std::optional<pb::WebMessageInfo> find_message(const World& world, const pb::MessageKey& key) {
  const auto sent = world.sent.find(key.id());
  const auto jid = Jid::parse(key.remote_jid());
  const Person* person = jid ? world.dataset.find_person(*jid) : nullptr;
  if (person != nullptr &&
      !knows_by(world, static_cast<std::size_t>(person - world.dataset.people.data()),
                key.remote_jid()))
    return std::nullopt;
  if (sent != world.sent.end()) {
    pb::WebMessageInfo info;
    *info.mutable_key() = key;
    info.mutable_message()->ParseFromString(to_string(sent->second.content));
    info.set_message_timestamp(sent->second.stanza.number("t").value_or(0));
    return info;
  }
  const auto chat = find_chat(world, key.remote_jid());
  if (!chat) return std::nullopt;
  const auto index = older_than(world, *chat, key.id());
  if (!index) return std::nullopt;
  return wire_message(world.dataset, *chat, *index);
}

void send_placeholders(World& world, Companion& companion, const std::string& request_id,
                       const Request& asked) {
  pb::Message message;
  message.mutable_protocol_message()->set_type(
      pb::ProtocolMessage::PROTOCOL_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE);
  auto* response =
      message.mutable_protocol_message()->mutable_peer_data_operation_request_response_message();
  response->set_peer_data_operation_request_type(pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND);
  response->set_stanza_id(request_id);
  for (const auto& wanted : asked.placeholder_message_resend_request()) {
    auto* result = response->add_peer_data_operation_result();
    Journal::add(world.journal.placeholder_chats, wanted.message_key().remote_jid());
    if (const auto found = find_message(world, wanted.message_key()))
      result->mutable_placeholder_message_resend_response()->set_web_message_info_bytes(
          found->SerializeAsString());
  }
  send_from_phone(world, companion, message, {{"category", "peer"}});
}

// An open copy of a collection whose snapshot the companion cannot verify.
void send_open_copy(World& world, Companion& companion, const std::string& request_id,
                    const std::string& collection) {
  const Bytes copy = world.app_state.open_copy(collection);
  if (copy.empty() || world.faults.on("no-app-state-recovery")) return;
  pb::Message message;
  pb::ProtocolMessage& protocol = *message.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE);
  auto& response = *protocol.mutable_peer_data_operation_request_response_message();
  response.set_peer_data_operation_request_type(
      pb::PEER_DATA_COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY);
  response.set_stanza_id(request_id);
  auto& answer =
      *response.add_peer_data_operation_result()->mutable_syncd_snapshot_fatal_recovery_response();
  answer.set_collection_snapshot(gzip(as_text(copy)));
  answer.set_is_compressed(true);
  send_from_phone(world, companion, message, {{"category", "peer"}});
}

// Seconds since 1970 have more digits in the year 5138.
constexpr std::int64_t kNoSeconds = 100'000'000'000;

// Why the phone does not answer; empty when it does.
std::string objection(const World& world, const Node& stanza, const pb::ProtocolMessage& protocol) {
  const std::string priority = stanza.text("push_priority");
  if (protocol.has_app_state_sync_key_request())
    return priority == "high" ? "" : "keys are asked for with priority \"" + priority + "\"";
  const Request& asked = protocol.peer_data_operation_request_message();
  if (asked.has_history_sync_on_demand_request()) {
    if (priority != "high_force")
      return "older messages are asked for with priority \"" + priority + "\"";
    if (stanza.text("privacy_sensitive") != "1" && !world.faults.on("forgive-privacy-mark"))
      return "older messages are asked for without the mark privacy_sensitive";
    if (asked.history_sync_on_demand_request().oldest_msg_timestamp_ms() >= kNoSeconds)
      return "the time of the oldest message is not in seconds";
  }
  if (asked.placeholder_message_resend_request_size() > 0 && !priority.empty() &&
      priority != "high_force")
    return "messages are asked for again with priority \"" + priority + "\"";
  return "";
}

}  // namespace

void answer_peer_request(World& world, Companion& companion, const Node& stanza,
                         const pb::Message& message) {
  const pb::ProtocolMessage& protocol = message.protocol_message();
  const std::string request_id = stanza.text("id");
  if (const std::string why = objection(world, stanza, protocol); !why.empty()) {
    Journal::add(world.journal.complaints, "request " + request_id + " goes unanswered: " + why);
    return;
  }
  if (protocol.has_app_state_sync_key_request()) {
    share_app_state_keys(world, companion);
    return;
  }
  if (!protocol.has_peer_data_operation_request_message()) return;
  const Request& asked = protocol.peer_data_operation_request_message();
  if (asked.has_history_sync_on_demand_request())
    send_older(world, companion, request_id, asked.history_sync_on_demand_request());
  if (asked.placeholder_message_resend_request_size() > 0)
    send_placeholders(world, companion, request_id, asked);
  if (asked.has_syncd_collection_fatal_recovery_request())
    send_open_copy(world, companion, request_id,
                   asked.syncd_collection_fatal_recovery_request().collection_name());
}

}  // namespace wasync::sim
