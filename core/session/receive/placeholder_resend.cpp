#include "session/receive/placeholder_resend.h"

#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "proto/web_message.pb.h"
#include "session/receive/chat_addresses.h"
#include "session/receive/message_retry.h"
#include "session/receive/peer_message.h"
#include "session/receive/realtime.h"
#include "signal/store.h"

namespace wasync {
std::optional<Node> placeholder_request(SignalStore& store, const Device& device,
                                        const std::vector<AwaitedMessage>& wanted,
                                        UnixSeconds now) {
  if (wanted.empty()) return std::nullopt;
  pb::Message message;
  auto& protocol = *message.mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_PEER_DATA_OPERATION_REQUEST_MESSAGE);
  auto& request = *protocol.mutable_peer_data_operation_request_message();
  request.set_peer_data_operation_request_type(pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND);
  for (const AwaitedMessage& each : wanted) {
    const MessageKey key = key_of(each.message);
    auto& asked = *request.add_placeholder_message_resend_request()->mutable_message_key();
    const auto addresses = chat_addresses(store.database(), each.message.chat);
    const auto tried = static_cast<std::size_t>(each.requests);
    asked.set_remote_jid(addresses[tried % addresses.size()].to_string());
    asked.set_from_me(key.from_me);
    asked.set_id(key.id);
    if (!key.participant.empty() && !key.from_me) asked.set_participant(key.participant);
  }
  auto sealed = peer_message(store, device, message);
  if (!sealed) return std::nullopt;
  AwaitedMessages awaited(store.database());
  for (const AwaitedMessage& each : wanted) awaited.count_request(each.row, now);
  return sealed;
}

std::int64_t take_resent(const pb::PeerDataOperationRequestResponseMessage& response,
                         StanzaGroup& group) {
  std::int64_t malformed = 0;
  if (response.peer_data_operation_request_type() != pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND) {
    return malformed;
  }
  AwaitedMessages awaited(group.database());
  for (const auto& result : response.peer_data_operation_result()) {
    pb::WebMessageInfo info;
    const auto& resent = result.placeholder_message_resend_response();
    if (!info.ParseFromString(resent.web_message_info_bytes())) {
      ++malformed;
      continue;
    }
    const auto chat = Jid::parse(info.key().remote_jid());
    auto found =
        chat ? awaited.find_open(info.key().id(), info.key().from_me(), *chat) : std::nullopt;
    if (!found) continue;
    found->message.push_name = info.push_name();
    const auto told = store_resent(found->message, info, group.own(), group.inbox());
    if (!told) continue;  // the phone has no more than we
    if (*told) ++group.outcome.stored;
    content_came(found->message, group);
  }
  return malformed;
}

}  // namespace wasync
