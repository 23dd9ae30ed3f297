#include "sim/realtime.h"

#include "base/clock.h"
#include "base/error.h"
#include "proto/message.pb.h"
#include "sim/app_state.h"
#include "sim/realtime_content.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

Jid parse(const std::string& text, const char* what) {
  const auto jid = Jid::parse(text);
  if (!jid || jid->user.empty())
    throw Error(ErrorCode::kProtocol, std::string(what) + " is no address");
  return *jid;
}

std::string push_name(const World& world, const Jid& jid) {
  if (const World* user = world.service.user(jid.user)) return user->dataset.owner.push_name;
  const Person* person = world.dataset.find_person(jid);
  return person == nullptr ? std::string() : person->push_name;
}

// The other address of a person, as live stanzas carry it beside the first: the server knows it of
// everybody, whatever the phone tells in its history.
void set_alternative(const World& world, const Jid& sender, Node& stanza,
                     const std::string& prefix) {
  if (const World* user = world.service.user(sender.user)) {
    stanza.set(prefix + (sender.is_lid() ? "_pn" : "_lid"),
               sender.is_lid() ? user->owner_jid() : user->owner_lid());
    return;
  }
  const Person* person = world.dataset.find_person(sender);
  if (person == nullptr || person->phone_hidden) return;
  if (sender.is_lid())
    stanza.set(prefix + "_pn", *Jid::parse(person->phone_jid()));
  else
    stanza.set(prefix + "_lid", *Jid::parse(person->lid_jid()));
}

// From the owner's phone to its companions: a copy of what it sent.
pb::Message device_sent(const RealtimeMessage& asked, const pb::Message& content) {
  pb::Message message;
  message.mutable_device_sent_message()->set_destination_jid(asked.chat);
  *message.mutable_device_sent_message()->mutable_message() = content;
  return message;
}

void deliver_to(World& world, Companion& companion, const RealtimeMessage& asked,
                const std::string& id, const pb::Message& content) {
  const Jid chat = parse(asked.chat, "chat");
  const bool own = asked.from == "me";
  const Jid sender = own                  ? world.owner_jid()
                     : asked.from.empty() ? chat
                                          : parse(asked.from, "from");
  Node stanza(
      "message",
      {{"from", chat.is_group() ? chat
                : own           ? world.owner_lid()
                                : sender},
       {"type", "text"},
       {"id", id},
       {"t", std::to_string(asked.sent_at != 0 ? asked.sent_at : UnixSeconds::now().value)}});
  if (own && !chat.is_group()) stanza.set("recipient", chat);
  if (!own) {
    const std::string name = push_name(world, sender);
    if (!name.empty()) stanza.set("notify", name);
  }
  pb::Message message = content;
  if (chat.is_group()) {
    stanza.set("participant", sender);
    stanza.set("addressing_mode", std::string(sender.is_lid() ? "lid" : "pn"));
    set_alternative(world, sender, stanza, "participant");
  } else if (own) {
    message = device_sent(asked, content);
    set_alternative(world, chat, stanza, "peer_recipient");
  } else {
    set_alternative(world, sender, stanza, "sender");
  }
  send_outgoing(world, companion,
                {.sender = sender,
                 .stanza = std::move(stanza),
                 .content = to_bytes(message.SerializeAsString()),
                 .group = chat.is_group() ? std::optional(chat) : std::nullopt});
}

void deliver_to_all(World& world, const RealtimeMessage& message, const std::string& id,
                    const pb::Message& content) {
  for (const auto& [number, companion] : world.companions)
    if (companion->keys_uploaded) deliver_to(world, *companion, message, id, content);
}

// What the owner writes on the phone, in a group of users or to one of them, as they get it.
void deliver_to_others(World& world, RealtimeMessage message, const std::string& id,
                       const pb::Message& content) {
  const Jid chat = parse(message.chat, "chat");
  const auto group = world.service.groups.find(chat.to_string());
  if (group != world.service.groups.end()) {
    message.from = group->second.address_of(world).to_string();
    for (World* member : group->second.members)
      if (member != &world) deliver_to_all(*member, message, id, content);
    return;
  }
  World* peer = world.service.user(chat.user);
  if (peer == nullptr || peer == &world) return;
  message.chat = (chat.is_lid() ? world.owner_lid() : world.owner_jid()).to_string();
  message.from.clear();
  deliver_to_all(*peer, message, id, content);
}

}  // namespace

std::string send_realtime(World& world, const RealtimeMessage& message) {
  const Jid chat = parse(message.chat, "chat");
  if (chat.is_group() && message.from.empty())
    throw Error(ErrorCode::kProtocol, "a group message needs a sender");
  const std::string id = message.id.empty() ? world.next_stanza_id() : message.id;
  const pb::Message content = realtime_content(world, message);
  deliver_to_all(world, message, id, content);
  if (message.from == "me") deliver_to_others(world, message, id, content);
  return id;
}

void push_receipt(World& world, const RealtimeReceipt& receipt) {
  const Jid chat = parse(receipt.chat, "chat");
  if (receipt.ids.empty()) throw Error(ErrorCode::kProtocol, "a receipt for nothing");
  Node stanza("receipt", {{"from", chat},
                          {"id", receipt.ids.front()},
                          {"t", std::to_string(UnixSeconds::now().value)}});
  if (!receipt.type.empty()) stanza.set("type", receipt.type);
  if (chat.is_group()) stanza.set("participant", parse(receipt.from, "from"));
  std::vector<Node> items;
  for (std::size_t i = 1; i < receipt.ids.size(); ++i)
    items.push_back(Node("item", {{"id", receipt.ids[i]}}));
  if (!items.empty()) {
    Node list("list");
    list.content = std::move(items);
    stanza.content = std::vector<Node>{std::move(list)};
  }
  for (const auto& [number, companion] : world.companions) world.deliver(*companion, stanza);
}

void rename_contact(World& world, const std::string& jid, const std::string& name) {
  parse(jid, "jid");
  world.app_state.apply("critical_unblock_low", {contact_change(jid, name, {})});
  notify_app_state(world, "critical_unblock_low");
}

}  // namespace wasync::sim
