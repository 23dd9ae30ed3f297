#include "sim/client_messages.h"

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "proto/message.pb.h"
#include "sim/iq_keys.h"
#include "sim/peer_requests.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

bool is_sender_key_alone(pb::Message content) {
  content.clear_sender_key_distribution_message();
  content.clear_message_context_info();
  return content.ByteSizeLong() == 0;
}

constexpr unsigned kMostRetries = 5;

Node bytes_node(const std::string& tag, BytesView bytes) {
  return Node(tag, {}, to_bytes(bytes));
}

Bytes in_big_endian(std::uint64_t value, std::size_t width) {
  Bytes bytes;
  append_big_endian(bytes, value, width);
  return bytes;
}

Node keys_node(World& world) {
  const PreKeyBundle bundle = phone_bundle(world);
  Node keys("keys");
  keys.content = std::vector<Node>{
      bytes_node("type", Bytes{kCurve25519Type}), bytes_node("identity", bundle.identity),
      pre_key_node("key", bundle.pre_key->id, bundle.pre_key->public_key, {}),
      pre_key_node("skey", bundle.signed_pre_key.id, bundle.signed_pre_key.public_key,
                   bundle.signed_pre_key.signature)};
  return keys;
}

// The user's phone could not read it: a retry receipt, from the second on with the phone's keys.
void ask_again(World& world, Companion& companion, const std::string& id) {
  const unsigned count = ++companion.retries[id];
  if (count > kMostRetries) return;
  const std::string now = std::to_string(UnixSeconds::now().value);
  std::vector<Node> content;
  content.push_back(
      Node("retry", {{"count", std::to_string(count)}, {"id", id}, {"t", now}, {"v", "1"}}));
  content.push_back(
      bytes_node("registration", in_big_endian(world.phone().bundle().registration_id, 4)));
  if (count > 1) content.push_back(keys_node(world));
  Node receipt("receipt", {{"from", world.owner_lid()}, {"id", id}, {"type", "retry"}, {"t", now}});
  receipt.content = std::move(content);
  world.deliver(companion, std::move(receipt));
}

// One message under way from a companion, seen by those who are not companions themselves: the
// users' phones, and contacts.
struct Arrival {
  World& world;  // of the sender
  Companion& sender;
  const Node& message;
  std::string id;

  std::optional<pb::Message> decrypt(const Jid& to, const Node& enc) const {
    std::string failure;
    SignalParty& party = world.party_of(to.user);
    const Jid from = world.companion_jid(sender);
    const auto group = message.jid("to");
    const auto bytes =
        enc.text("type") == "skmsg"
            ? party.group_decrypt(*group, from, enc.bytes(), failure)
            : party.decrypt(from, *enc_type_from(enc.text("type")), enc.bytes(), failure);
    pb::Message content;
    if (bytes && content.ParseFromString(to_string(*bytes))) return content;
    const bool by_own_phone =
        world.service.user(to.user) == &world && !message.jid("to")->is_group();
    // A key that was used before says "duplicate": phones drop that without a word.
    if (by_own_phone && failure != "duplicate") ask_again(world, sender, id);
    if (by_own_phone && sender.forgotten) return std::nullopt;
    Journal::add(world.journal.complaints,
                 "message " + id + " does not decrypt: " + (bytes ? "no protobuf" : failure));
    return std::nullopt;
  }

  // What one addressed device gets out of an <enc>.
  void take(const Jid& to, const Node& enc) const {
    World* user = world.service.user(to.user);
    // Companions decrypt for themselves, see routing.h.
    if (!enc_type_from(enc.text("type")) || (user != nullptr && to.device != 0)) return;
    if (user == &world && world.faults.on("phone-cannot-read")) {
      ask_again(world, sender, id);
      return;
    }
    const auto content = decrypt(to, enc);
    if (!content) return;
    if (content->has_sender_key_distribution_message())
      world.party_of(to.user).process_sender_key(
          *Jid::parse(content->sender_key_distribution_message().group_id()),
          world.companion_jid(sender),
          as_bytes(content->sender_key_distribution_message()
                       .axolotl_sender_key_distribution_message()));
    understand(user, to, *content);
  }

  void understand(World* user, const Jid& to, const pb::Message& content) const {
    if (is_sender_key_alone(content)) return;
    if (user == &world) {
      // Some clients wrap what they send to their own account, peer messages included.
      const bool wrapped = content.has_device_sent_message();
      answer_peer_request(world, sender, message,
                          wrapped ? content.device_sent_message().message() : content);
    }
    if (user != nullptr) keep(*user, content);
    if (user == &world) return;
    if (user != nullptr) confirm_delivery(to);
    const std::string text =
        content.has_extended_text() ? content.extended_text().text() : content.conversation();
    Journal::add(world.journal.delivered, {.id = id, .to = to.to_string(), .text = text});
  }

  // The receiving phone's receipt goes to all companions of who wrote.
  void confirm_delivery(const Jid& phone) const {
    const Jid chat = message.jid("to").value_or(phone);
    Node receipt("receipt", {{"from", chat.is_group() ? chat : phone},
                             {"id", id},
                             {"t", std::to_string(UnixSeconds::now().value)}});
    if (chat.is_group()) receipt.set("participant", phone);
    for (const auto& [number, companion] : world.companions) world.deliver(*companion, receipt);
  }

  // The phone has it now, should a companion of its own ask.
  void keep(World& user, const pb::Message& content) const {
    if (message.text("category") == "peer") return;
    Node stanza("message", {{"id", id}, {"t", std::to_string(UnixSeconds::now().value)}});
    user.sent.insert_or_assign(id, Outgoing{.sender = world.companion_jid(sender),
                                            .stanza = std::move(stanza),
                                            .content = to_bytes(content.SerializeAsString()),
                                            .group = std::nullopt});
  }

  void take_group_message(const Jid& group, const Node& enc) const {
    const auto found = world.service.groups.find(group.to_string());
    if (found == world.service.groups.end()) return;
    for (World* member : found->second.members) {
      const Jid phone = found->second.address_of(*member);
      if (const auto content = decrypt(phone, enc)) understand(member, phone, *content);
    }
  }

  void take_all() const {
    // Pairwise parts first: they bring the keys of what is for a whole group.
    if (const Node* participants = message.child("participants")) {
      for (const Node* recipient : participants->children_named("to")) {
        const auto device = recipient->jid("jid");
        const Node* enc = recipient->child("enc");
        if (device && enc != nullptr) take(*device, *enc);
      }
    }
    const auto to = message.jid("to");
    const Node* enc = message.child("enc");
    if (!to || enc == nullptr) return;
    if (enc->text("type") == "skmsg")
      take_group_message(*to, *enc);
    else if (!to->is_group())
      take(*to, *enc);
  }
};

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
  const Arrival arrival{world, companion, message, message.text("id")};
  try {
    arrival.take_all();
  } catch (const Error& error) {
    Journal::add(world.journal.complaints, "message " + arrival.id + ": " + error.what());
  }
}

void receive_retry_receipt(World& world, Companion& companion, const Node& receipt) {
  const Node* retry = receipt.child("retry");
  if (retry == nullptr || world.faults.on("no-resend")) return;
  const auto count = static_cast<unsigned>(retry->number("count").value_or(1));
  try {
    auto bundle = bundle_in(receipt);
    if (bundle) companion.offer(bundle->signed_pre_key);
    if (bundle && bundle->pre_key) companion.offer(*bundle->pre_key);
    if (!bundle && count >= 2) bundle = world.take_bundle(companion);
    send_again(world, companion, receipt.text("id"), count, bundle);
  } catch (const Error& error) {
    Journal::add(world.journal.complaints, std::string(error.what()));
  }
}

}  // namespace wasync::sim
