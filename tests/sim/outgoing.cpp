#include "sim/outgoing.h"

#include "base/error.h"
#include "proto/message.pb.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

Node enc_node(World& world, std::string type, Bytes bytes, unsigned count) {
  Node enc("enc", {{"v", "2"}, {"type", std::move(type)}}, std::move(bytes));
  if (count > 0) enc.set("count", std::to_string(count));
  return in_transit(world, std::move(enc));
}

Node pairwise(World& world, Companion& companion, const Jid& sender, BytesView content,
              unsigned count) {
  const Ciphertext sealed =
      world.party_of(sender.user).encrypt(world.companion_jid(companion), content, [&] {
        auto bundle = world.take_bundle(companion);
        if (!bundle) throw Error(ErrorCode::kProtocol, "the companion uploaded no keys yet");
        return *bundle;
      });
  return enc_node(world, std::string(name(sealed.type)), sealed.bytes, count);
}

pb::Message with_sender_key(World& world, const Outgoing& message, pb::Message content) {
  auto* distribution = content.mutable_sender_key_distribution_message();
  distribution->set_group_id(message.group->to_string());
  distribution->set_axolotl_sender_key_distribution_message(to_string(
      world.party_of(message.sender.user).sender_key_distribution(*message.group, message.sender)));
  return content;
}

std::vector<Node> encrypt(World& world, Companion& companion, const Outgoing& message) {
  if (!message.group) return {pairwise(world, companion, message.sender, message.content, 0)};
  SignalParty& party = world.party_of(message.sender.user);
  std::vector<Node> encs;
  // A device gets the sender's key once: with the first message, and again only when it asks.
  if (companion.sender_keys.insert({message.group->to_string(), message.sender.user}).second) {
    const pb::Message key = with_sender_key(world, message, {});
    encs.push_back(
        pairwise(world, companion, message.sender, as_bytes(key.SerializeAsString()), 0));
  }
  encs.push_back(enc_node(world, "skmsg",
                          party.group_encrypt(*message.group, message.sender, message.content), 0));
  return encs;
}

// What no client can use: see the fault "unusable".
void spoil(Node& stanza, std::string_view how) {
  if (how == "participant")
    std::erase_if(stanza.attributes, [](const auto& each) { return each.first == "participant"; });
  if (how != "enc-type" && how != "msmsg") return;
  Node enc("enc", {{"v", "2"}, {"type", how == "msmsg" ? "msmsg" : "xmsg"}}, Bytes(60, 5));
  stanza.content = std::vector<Node>{std::move(enc)};
}

}  // namespace

Node in_transit(World& world, Node enc) {
  auto* bytes = std::get_if<Bytes>(&enc.content);
  if (bytes == nullptr || bytes->empty() || !world.faults.on("undecryptable")) return enc;
  // Three quarters in: inside the sealed part of every form of message.
  (*bytes)[bytes->size() * 3 / 4] ^= 1;
  world.faults.count_down("undecryptable");
  return enc;
}

void send_outgoing(World& world, Companion& companion, Outgoing message) {
  Node stanza = message.stanza;
  if (world.faults.on("unavailable")) {
    world.faults.count_down("unavailable");
    stanza.content = std::vector<Node>{Node("unavailable", {{"type", "view_once"}})};
  } else {
    const std::string unusable = world.faults.value("unusable");
    world.faults.take("unusable");
    if (unusable == "protobuf") message.content = Bytes(20, 0xff);
    stanza.content = encrypt(world, companion, message);
    spoil(stanza, unusable);
  }
  world.sent.insert_or_assign(stanza.text("id"), std::move(message));
  world.deliver(companion, std::move(stanza));
}

void send_again(World& world, Companion& companion, std::string_view id, unsigned count,
                const std::optional<PreKeyBundle>& bundle) {
  const auto found = world.sent.find(std::string(id));
  if (found == world.sent.end()) return;
  const Outgoing& message = found->second;
  if (message.sender.device != 0) return;  // a companion's: the phone only keeps it
  SignalParty& party = world.party_of(message.sender.user);
  if (bundle) party.begin_session(world.companion_jid(companion), *bundle);
  pb::Message content;
  content.ParseFromString(to_string(message.content));
  if (message.group) content = with_sender_key(world, message, std::move(content));
  Node stanza = message.stanza;
  stanza.content = std::vector<Node>{
      pairwise(world, companion, message.sender, as_bytes(content.SerializeAsString()), count)};
  world.deliver(companion, std::move(stanza));
}

}  // namespace wasync::sim
