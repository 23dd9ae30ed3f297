#include "sim/phone.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <climits>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/inflate.h"
#include "proto/device_props.pb.h"
#include "proto/history_sync.pb.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "sim/app_state.h"
#include "sim/hostile_history.h"
#include "sim/wire_history.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// What only the phone may say is an attack when it comes from anybody else.
void send_from_stranger(World& world, Companion& companion, const pb::Message& message) {
  if (world.dataset.people.empty()) return;
  const Person& person = world.dataset.people.front();
  const Jid from{.user = person.phone, .server = std::string(jid_server::kUser)};
  Node stanza("message", {{"from", from},
                          {"type", "text"},
                          {"id", world.next_stanza_id()},
                          {"category", "peer"},
                          {"t", std::to_string(UnixSeconds::now().value)}});
  send_outgoing(world, companion,
                {.sender = from,
                 .stanza = std::move(stanza),
                 .content = to_bytes(message.SerializeAsString()),
                 .group = std::nullopt});
}

// The right keys, from the wrong sender.
void spoof_app_state_keys(World& world, Companion& companion) {
  send_from_stranger(world, companion, app_state_key_share(world));
}

// Wrong in its sender only.
void send_spoofed_history(World& world, Companion& companion) {
  pb::HistorySync chunk;
  chunk.set_sync_type(pb::HISTORY_SYNC_RECENT);
  chunk.add_conversations()->set_id("40799999999@s.whatsapp.net");
  chunk.mutable_conversations(0)->set_name("Spoofed");
  chunk.mutable_conversations(0)->set_conversation_timestamp(1'767'000'001);
  pb::Message message;
  message.mutable_protocol_message()->set_type(
      pb::ProtocolMessage::PROTOCOL_HISTORY_SYNC_NOTIFICATION);
  auto* notification = message.mutable_protocol_message()->mutable_history_sync_notification();
  notification->set_sync_type(pb::HISTORY_SYNC_RECENT);
  const Bytes deflated = deflate(as_bytes(chunk.SerializeAsString()));
  notification->set_initial_hist_bootstrap_inline_payload(to_string(deflated));
  send_from_stranger(world, companion, message);
}

// One chunk, then lets others have a turn: a large history must not silence the server.
void send_chunk_of(World& world, std::uint16_t device,
                   std::shared_ptr<std::vector<ChunkOutline>> outlines, std::size_t index) {
  const auto companion = world.companions.find(device);
  if (index == outlines->size() || companion == world.companions.end()) return;
  pb::HistorySync chunk = make_chunk(world.dataset, (*outlines)[index]);
  chunk.set_companion_meta_nonce(world.deletion_secret);
  send_history_chunk(world, *companion->second, chunk, {});
  boost::asio::post(world.executor, [&world, device, outlines = std::move(outlines), index] {
    send_chunk_of(world, device, outlines, index + 1);
  });
}

void send_app_state_keys(World& world, Companion& companion) {
  if (companion.app_state_keys_sent || world.faults.on("phone-offline")) return;
  companion.app_state_keys_sent = true;
  if (world.faults.on("spoof-app-state-keys")) spoof_app_state_keys(world, companion);
  if (!world.faults.on("no-app-state-keys")) share_app_state_keys(world, companion);
}

std::int64_t oldest_in(const pb::HistorySync& chunk) {
  std::uint64_t oldest = 0;
  for (const pb::Conversation& conversation : chunk.conversations())
    for (const pb::HistorySyncMsg& entry : conversation.messages())
      oldest = oldest == 0 ? entry.message().message_timestamp()
                           : std::min<std::uint64_t>(oldest, entry.message().message_timestamp());
  return static_cast<std::int64_t>(oldest);
}

}  // namespace

void send_from_phone(World& world, Companion& companion, const pb::Message& message,
                     const Node::Attributes& extra) {
  // Under its LID, as everything between an account's own devices comes.
  Node::Attributes attributes{{"from", world.owner_lid()},
                              {"type", "text"},
                              {"id", world.next_stanza_id()},
                              {"t", std::to_string(UnixSeconds::now().value)}};
  attributes.insert(attributes.end(), extra.begin(), extra.end());
  send_outgoing(world, companion,
                {.sender = world.owner_jid(),
                 .stanza = Node("message", std::move(attributes)),
                 .content = to_bytes(message.SerializeAsString()),
                 .group = std::nullopt});
}

namespace {

// What the notification of a chunk says, but for where its bytes are.
pb::HistorySyncNotification announce(const pb::HistorySync& chunk) {
  pb::HistorySyncNotification notification;
  notification.set_sync_type(chunk.sync_type());
  notification.set_chunk_order(chunk.chunk_order());
  notification.set_progress(chunk.progress());
  if (const std::int64_t oldest = oldest_in(chunk); oldest > 0)
    notification.set_oldest_msg_in_chunk_timestamp_sec(oldest);
  return notification;
}

void send_history_bytes(World& world, Companion& companion,
                        pb::HistorySyncNotification notification, const Bytes& deflated) {
  pb::Message message;
  pb::ProtocolMessage& protocol = *message.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_HISTORY_SYNC_NOTIFICATION);
  if (world.options.history_inline) {
    notification.set_initial_hist_bootstrap_inline_payload(to_string(deflated));
    notification.set_file_length(deflated.size());
  } else {
    SealedBlob blob = seal(deflated, kHistoryPurpose, world.faults);
    notification.set_media_key(to_string(blob.media_key));
    notification.set_file_sha256(std::string(as_text(blob.sha256)));
    notification.set_file_enc_sha256(std::string(as_text(blob.enc_sha256)));
    notification.set_file_length(deflated.size());
    notification.set_direct_path(world.media.put(std::move(blob.content)));
    notification.set_enc_handle("simulated");
  }
  *protocol.mutable_history_sync_notification() = std::move(notification);
  send_from_phone(world, companion, message, {{"category", "peer"}});
}

void send_hostile_chunks(World& world, Companion& companion) {
  pb::HistorySync chunk;
  chunk.set_sync_type(pb::HISTORY_SYNC_RECENT);
  for (const Bytes& deflated : hostile_chunks()) {
    chunk.set_chunk_order(chunk.chunk_order() + 1);
    send_history_bytes(world, companion, announce(chunk), deflated);
  }
}

}  // namespace

void send_history_chunk(World& world, Companion& companion, const pb::HistorySync& whole,
                        std::string_view request_id) {
  pb::HistorySync chunk = whole;
  if (world.faults.on("no-subjects"))
    for (auto& conversation : *chunk.mutable_conversations())
      if (conversation.id().ends_with("@g.us")) conversation.clear_name();
  const std::string serialised = chunk.SerializeAsString();
  ++world.journal.history_chunks;
  world.journal.history_bytes += serialised.size();
  pb::HistorySyncNotification notification = announce(chunk);
  if (!request_id.empty()) notification.set_peer_data_request_session_id(std::string(request_id));
  send_history_bytes(world, companion, std::move(notification), deflate(as_bytes(serialised)));
}

void send_history(World& world, Companion& companion) {
  if (!companion.keys_uploaded || companion.active == nullptr) return;
  send_app_state_keys(world, companion);
  if (companion.history_sent) return;
  for (const char* fault : {"no-history", "hold-history", "phone-offline"})
    if (world.faults.on(fault)) return;
  companion.history_sent = true;
  if (world.faults.on("spoof-history")) send_spoofed_history(world, companion);
  if (world.faults.on("hostile-chunks")) send_hostile_chunks(world, companion);

  pb::DeviceProps props;
  props.ParseFromString(to_string(companion.device_props));
  ChunkPlan plan;
  plan.full = props.require_full_sync();
  plan.messages_per_chunk = world.options.messages_per_chunk;
  const std::string side_data = world.faults.value("side-data");
  if (side_data == "first") plan.side_data = ChunkPlan::SideData::kFirst;
  if (side_data == "last") plan.side_data = ChunkPlan::SideData::kLast;
  auto outlines = std::make_shared<std::vector<ChunkOutline>>(plan_chunks(world.dataset, plan));
  const auto stops = static_cast<std::size_t>(world.faults.number("history-stops", INT_MAX));
  if (outlines->size() > stops) outlines->resize(stops);
  send_chunk_of(world, companion.number, std::move(outlines), 0);
}

}  // namespace wasync::sim
