#include "session/receive/peer_message.h"

#include <algorithm>
#include <vector>

#include "base/crypto.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "session/receive/phone_requests.h"
#include "session/receive/signal_peer.h"
#include "signal/cipher.h"
#include "signal/padding.h"
#include "signal/store.h"

namespace wasync {
namespace {

// As linked devices name their messages.
std::string new_message_id() {
  std::string id = "3EB0" + hex_encode(random_bytes(9));
  std::transform(id.begin(), id.end(), id.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return id;
}

// Facts: whatsmeow send.go; of messages asked for again, whatsapp-rust wacore/src/send/classify.rs.
void set_urgency(Node& message, const pb::ProtocolMessage& protocol) {
  std::string priority = "high";
  switch (protocol.peer_data_operation_request_message().peer_data_operation_request_type()) {
    case pb::PEER_DATA_HISTORY_SYNC_ON_DEMAND:
      message.set("privacy_sensitive", std::string("1"));
      [[fallthrough]];
    case pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND: priority = "high_force"; break;
    default: break;
  }
  message.set("push_priority", std::move(priority));
}

// `repeat`: which one it is; empty for the first time.
std::optional<Node> sealed_message(SignalStore& store, const Device& device, const std::string& id,
                                   const pb::Message& content, const std::string& repeat) {
  const Jid phone = device.jid.bare();
  SignalCipher cipher(store, IdentityPolicy::kRefuseChanges);
  const auto sealed = cipher.encrypt(signal_peer(store, device, phone, {}),
                                     pad(as_bytes(content.SerializeAsString())));
  if (!sealed) return std::nullopt;
  Node message("message", {{"id", id}, {"type", "text"}, {"category", "peer"}, {"to", phone}});
  set_urgency(message, content.protocol_message());
  std::vector<Node> parts;
  parts.push_back(Node("meta", {{"appdata", "default"}}));
  parts.push_back(
      Node("enc", {{"v", "2"}, {"type", std::string(name(sealed->type))}}, sealed->bytes));
  if (!repeat.empty()) parts.back().set("count", repeat);
  if (sealed->type == EncType::kPreKeyMessage) {
    parts.emplace_back("device-identity", Node::Attributes{}, device.signed_identity);
  }
  message.content = std::move(parts);
  return message;
}

}  // namespace

std::optional<Node> peer_message(SignalStore& store, const Device& device,
                                 const pb::Message& content) {
  const std::string id = new_message_id();
  auto sealed = sealed_message(store, device, id, content, {});
  if (!sealed) return std::nullopt;
  const auto type = content.protocol_message()
                        .peer_data_operation_request_message()
                        .peer_data_operation_request_type();
  remember_phone_request(
      store.database(), id, as_bytes(content.SerializeAsString()), UnixSeconds::now(),
      type == pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND ? Asks::kAwaitedMessages : Asks::kAnything);
  return sealed;
}

std::optional<Node> peer_message_again(SignalStore& store, const Device& device,
                                       const PhoneRequest& request, const std::string& count) {
  pb::Message content;
  if (!content.ParseFromArray(request.content.data(), static_cast<int>(request.content.size()))) {
    return std::nullopt;
  }
  return sealed_message(store, device, request.id, content, count);
}

}  // namespace wasync
