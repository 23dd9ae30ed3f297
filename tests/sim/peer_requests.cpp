#include "sim/peer_requests.h"

#include <algorithm>
#include <optional>
#include <utility>

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

// A chat by either of its addresses.
std::optional<std::size_t> find_chat(const Dataset& dataset, const std::string& jid) {
  for (std::size_t i = 0; i < dataset.chats.size(); ++i) {
    const Chat& chat = dataset.chats[i];
    if (chat.malformed) continue;
    if (chat.jid == jid) return i;
    if (!chat.person) continue;
    const Person& person = dataset.people[*chat.person];
    if (jid == person.phone_jid() || jid == person.lid_jid()) return i;
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
  const auto chat = find_chat(world.dataset, asked.chat_jid());
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
  // What came through a broadcast list lies in the chat of two.
  if (key.remote_jid().ends_with("@broadcast")) return std::nullopt;
  const auto sent = world.sent.find(key.id());
  if (sent != world.sent.end()) {
    pb::WebMessageInfo info;
    *info.mutable_key() = key;
    info.mutable_message()->ParseFromString(to_string(sent->second.content));
    info.set_message_timestamp(sent->second.stanza.number("t").value_or(0));
    return info;
  }
  const auto chat = find_chat(world.dataset, key.remote_jid());
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
    if (const auto found = find_message(world, wanted.message_key()))
      result->mutable_placeholder_message_resend_response()->set_web_message_info_bytes(
          found->SerializeAsString());
  }
  send_from_phone(world, companion, message, {{"category", "peer"}});
}

}  // namespace

void answer_peer_request(World& world, Companion& companion, const std::string& request_id,
                         const pb::Message& message) {
  const pb::ProtocolMessage& protocol = message.protocol_message();
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
}

}  // namespace wasync::sim
