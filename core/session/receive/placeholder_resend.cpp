#include "session/receive/placeholder_resend.h"

#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "session/receive/peer_message.h"
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
    asked.set_remote_jid(key.remote_jid);
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

}  // namespace wasync
