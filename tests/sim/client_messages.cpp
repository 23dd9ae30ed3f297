#include "sim/client_messages.h"

#include <algorithm>

#include "base/error.h"
#include "proto/message.pb.h"
#include "sim/peer_requests.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

bool is_owner(const World& world, const Jid& jid) {
  return jid.user == world.dataset.owner.phone || jid.user == world.dataset.owner.lid;
}

// What one addressed device gets out of an <enc>.
void decrypt_for(World& world, Companion& companion, const Jid& to, const Node& enc,
                 const std::string& id) {
  const auto type = enc_type_from(enc.text("type"));
  // Group messages need sender keys, and other companions decrypt for themselves.
  if (!type || (is_owner(world, to) && to.device != 0)) return;
  std::string failure;
  const auto bytes =
      world.party_of(to.user).decrypt(world.companion_jid(companion), *type, enc.bytes(), failure);
  pb::Message message;
  if (!bytes || !message.ParseFromString(to_string(*bytes))) {
    Journal::add(world.journal.complaints,
                 "message " + id + " does not decrypt: " + (bytes ? "no protobuf" : failure));
    return;
  }
  if (is_owner(world, to)) {
    // Some clients wrap what they send to their own account, peer messages included.
    const bool wrapped = message.has_device_sent_message();
    answer_peer_request(world, companion, id,
                        wrapped ? message.device_sent_message().message() : message);
    return;
  }
  const std::string text =
      message.has_extended_text() ? message.extended_text().text() : message.conversation();
  Journal::add(world.journal.delivered, {.id = id, .to = to.to_string(), .text = text});
}

BytesView part(const Node& node, std::string_view tag, std::size_t length) {
  const Node* child = node.child(tag);
  if (child == nullptr || child->bytes().size() != length)
    throw Error(ErrorCode::kProtocol, "<" + std::string(tag) + "> of a retry receipt is malformed");
  return child->bytes();
}

std::optional<PreKeyBundle> bundle_in(const Node& receipt) {
  const Node* keys = receipt.child("keys");
  if (keys == nullptr) return std::nullopt;
  const Node* key = keys->child("key");
  const Node* skey = keys->child("skey");
  if (skey == nullptr) throw Error(ErrorCode::kProtocol, "a retry receipt without signed pre-key");
  PreKeyBundle bundle;
  bundle.registration_id =
      static_cast<std::uint32_t>(read_big_endian(part(receipt, "registration", 4)));
  bundle.identity = public_key_from(part(*keys, "identity", 32));
  bundle.signed_pre_key.id = static_cast<std::uint32_t>(read_big_endian(part(*skey, "id", 3)));
  bundle.signed_pre_key.public_key = public_key_from(part(*skey, "value", 32));
  const BytesView signature = part(*skey, "signature", 64);
  std::copy(signature.begin(), signature.end(), bundle.signed_pre_key.signature.begin());
  if (key != nullptr)
    bundle.pre_key = PreKey{.id = static_cast<std::uint32_t>(read_big_endian(part(*key, "id", 3))),
                            .public_key = public_key_from(part(*key, "value", 32))};
  return bundle;
}

}  // namespace

void receive_client_message(World& world, Companion& companion, const Node& message) {
  if (world.faults.on("phone-offline")) {
    world.phone_mail.emplace_back(companion.number, message);
    return;
  }
  const std::string id = message.text("id");
  const auto to = message.jid("to");
  if (to)
    if (const Node* enc = message.child("enc")) decrypt_for(world, companion, *to, *enc, id);
  const Node* participants = message.child("participants");
  if (participants == nullptr) return;
  for (const Node* recipient : participants->children_named("to")) {
    const auto device = recipient->jid("jid");
    const Node* enc = recipient->child("enc");
    if (device && enc != nullptr) decrypt_for(world, companion, *device, *enc, id);
  }
}

void receive_retry_receipt(World& world, Companion& companion, const Node& receipt) {
  const Node* retry = receipt.child("retry");
  if (retry == nullptr) return;
  const auto count = static_cast<unsigned>(retry->number("count").value_or(1));
  try {
    auto bundle = bundle_in(receipt);
    if (!bundle && count >= 2) bundle = companion.take_bundle();
    send_again(world, companion, receipt.text("id"), count, bundle);
  } catch (const Error& error) {
    Journal::add(world.journal.complaints, std::string(error.what()));
  }
}

}  // namespace wasync::sim
