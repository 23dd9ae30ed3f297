#include "session/receive/peer_message.h"

#include <algorithm>
#include <vector>

#include "base/crypto.h"
#include "proto/message.pb.h"
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

}  // namespace

std::optional<Node> peer_message(SignalStore& store, const Device& device,
                                 const pb::Message& content) {
  const Jid phone = device.jid.bare();
  SignalCipher cipher(store, IdentityPolicy::kRefuseChanges);
  const auto sealed = cipher.encrypt(signal_peer(store, device, phone, {}),
                                     pad(as_bytes(content.SerializeAsString())));
  if (!sealed) return std::nullopt;
  Node message("message", {{"id", new_message_id()},
                           {"type", "text"},
                           {"category", "peer"},
                           {"push_priority", "high"},
                           {"to", phone}});
  std::vector<Node> parts;
  parts.push_back(Node("meta", {{"appdata", "default"}}));
  parts.push_back(
      Node("enc", {{"v", "2"}, {"type", std::string(name(sealed->type))}}, sealed->bytes));
  if (sealed->type == EncType::kPreKeyMessage) {
    parts.emplace_back("device-identity", Node::Attributes{}, device.signed_identity);
  }
  message.content = std::move(parts);
  return message;
}

}  // namespace wasync
