#include "sim/routing.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "sim/outgoing.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// What the server does not keep to itself.
constexpr std::array kPassedAttributes{"type", "edit", "category", "expiration"};
constexpr std::array kPassedChildren{"meta", "reporting", "biz", "bot"};

std::string now() {
  return std::to_string(UnixSeconds::now().value);
}

struct Device {
  World* user = nullptr;
  Companion* companion = nullptr;
};

Device find_device(const Service& service, const Jid& jid) {
  World* user = service.user(jid.user);
  if (user == nullptr) return {};
  const auto found = user->companions.find(jid.device);
  return {user, found == user->companions.end() ? nullptr : found->second.get()};
}

Jid address_of(const World& user, const Companion& companion, bool by_lid) {
  return by_lid ? user.companion_lid(companion) : user.companion_jid(companion);
}

void set_alternative(Node& stanza, const std::string& prefix, const World& user, bool by_lid) {
  stanza.set(prefix + (by_lid ? "_pn" : "_lid"), by_lid ? user.owner_jid() : user.owner_lid());
}

// One message under way from a companion.
struct Passage {
  World& from;
  Companion& sender;
  const Node& message;
  Jid to{};  // as the sender wrote it

  Node stanza_base(const Jid& seen_from) const {
    Node stanza("message", {{"from", seen_from},
                            {"id", message.text("id")},
                            {"notify", from.dataset.owner.push_name},
                            {"t", now()}});
    for (const char* key : kPassedAttributes)
      if (message.has(key)) stanza.set(key, message.text(key));
    return stanza;
  }

  Node direct_stanza(const World& receiver, bool by_lid) const {
    Node stanza = stanza_base(address_of(from, sender, by_lid));
    if (&receiver != &from) {
      set_alternative(stanza, "sender", from, by_lid);
      return stanza;
    }
    // A copy for another device of the same user.
    const Jid chat = message.jid("recipient").value_or(to).bare();
    stanza.set("recipient", chat);
    if (const World* peer = from.service.user(chat.user))
      set_alternative(stanza, "peer_recipient", *peer, chat.is_lid());
    return stanza;
  }

  Node group_stanza(bool by_lid) const {
    Node stanza = stanza_base(to);
    stanza.set("participant", address_of(from, sender, by_lid));
    stanza.set("addressing_mode", std::string(by_lid ? "lid" : "pn"));
    set_alternative(stanza, "participant", from, by_lid);
    return stanza;
  }

  void pass(const Device& device, Node stanza, const std::vector<const Node*>& encs) const {
    std::vector<Node> content;
    bool begins_session = false;
    for (const Node* enc : encs) {
      begins_session = begins_session || enc->text("type") == "pkmsg";
      content.push_back(in_transit(from, *enc));
    }
    const Node* identity = message.child("device-identity");
    if (begins_session && identity != nullptr) content.push_back(*identity);
    for (const char* tag : kPassedChildren)
      if (const Node* child = message.child(tag)) content.push_back(*child);
    stanza.content = std::move(content);
    device.user->deliver(*device.companion, std::move(stanza));
  }

  // The enc that was made for this device, under either of its addresses.
  const Node* enc_for(const Device& device) const {
    const Node* participants = message.child("participants");
    if (participants == nullptr) return nullptr;
    for (const Node* recipient : participants->children_named("to")) {
      const auto jid = recipient->jid("jid");
      if (!jid || jid->device != device.companion->number) continue;
      if (from.service.user(jid->user) == device.user) return recipient->child("enc");
    }
    return nullptr;
  }

  void to_one(const Jid& addressed, const Node* enc) const {
    const Device device = find_device(from.service, addressed);
    if (device.user != nullptr && device.companion == nullptr && addressed.device != 0)
      Journal::add(from.journal.complaints,
                   "message " + message.text("id") + " for a device that is no more");
    if (device.companion == nullptr || device.companion == &sender || enc == nullptr) return;
    pass(device, direct_stanza(*device.user, addressed.is_lid()), {enc});
  }

  void to_devices() const {
    to_one(to, message.child("enc"));
    const Node* participants = message.child("participants");
    if (participants == nullptr) return;
    for (const Node* recipient : participants->children_named("to"))
      if (const auto jid = recipient->jid("jid")) to_one(*jid, recipient->child("enc"));
  }

  void to_member(World& member, bool by_lid) const {
    for (const auto& [number, companion] : member.companions) {
      if (companion.get() == &sender) continue;
      const Device device{&member, companion.get()};
      std::vector<const Node*> encs;
      const Node* key = enc_for(device);
      if (key != nullptr && from.faults.on("no-sender-key"))
        from.faults.count_down("no-sender-key");
      else if (key != nullptr)
        encs.push_back(key);
      if (const Node* enc = message.child("enc")) encs.push_back(enc);
      if (!encs.empty()) pass(device, group_stanza(by_lid), encs);
    }
  }

  void to_group() const {
    const auto found = from.service.groups.find(to.to_string());
    const bool by_lid = found != from.service.groups.end() && found->second.by_lid;
    // Encrypted once more for the one device that asked.
    if (const auto asked = message.jid("participant")) {
      const Device device = find_device(from.service, *asked);
      const Node* enc = message.child("enc");
      if (device.companion != nullptr && enc != nullptr) pass(device, group_stanza(by_lid), {enc});
      return;
    }
    if (found == from.service.groups.end()) {
      to_member(from, by_lid);  // a group with contacts
      return;
    }
    if (!found->second.has(from)) {
      Journal::add(from.journal.complaints,
                   std::string("a message to a group from a stranger to it"));
      return;
    }
    for (World* member : found->second.members) to_member(*member, by_lid);
  }
};

}  // namespace

void route_message(World& from, Companion& sender, const Node& message) {
  const auto to = message.jid("to");
  if (!to) return;
  const Passage passage{from, sender, message, *to};
  if (to->is_group())
    passage.to_group();
  else
    passage.to_devices();
}

bool route_receipt(World& from, Companion& sender, const Node& receipt) {
  const auto to = receipt.jid("to");
  if (!to) return false;
  const bool group = to->is_group();
  const Jid author = group ? receipt.jid("participant").value_or(Jid{}) : *to;
  World* user = from.service.user(author.user);
  if (user == nullptr) return false;
  const bool retry = receipt.text("type") == "retry";
  if (retry && author.device == 0) return false;
  if (!retry && user == &from) return false;

  const Jid seen_from = address_of(from, sender, author.is_lid());
  Node stanza("receipt", {{"from", group ? *to : seen_from}, {"id", receipt.text("id")}});
  if (group) stanza.set("participant", seen_from);
  for (const char* key : {"type", "recipient"})
    for (const auto& [name, value] : receipt.attributes)
      if (name == key) stanza.set(key, value);
  stanza.set("t", now());
  stanza.content = receipt.content;
  for (const auto& [number, companion] : user->companions)
    if (!retry || number == author.device) user->deliver(*companion, stanza);
  return true;
}

void announce_device(World& changed, std::uint16_t number, DeviceChange change) {
  Jid lid = changed.owner_lid();
  Jid phone = changed.owner_jid();
  lid.device = phone.device = number;
  Node device("device", {{"jid", phone}, {"lid", lid}, {"key-index", std::to_string(number)}});
  Node what(change == DeviceChange::kAdded ? "add" : "remove", {{"device_hash", "2:simulated"}});
  what.content = std::vector<Node>{std::move(device), Node("key-index-list", {{"ts", now()}})};
  for (const auto& user : changed.service.users) {
    Node notification("notification", {{"from", changed.owner_jid()},
                                       {"lid", changed.owner_lid()},
                                       {"type", "devices"},
                                       {"t", now()}});
    notification.content = std::vector<Node>{what};
    for (const auto& [other, companion] : user->companions) {
      if (user.get() == &changed && other == number) continue;
      notification.set("id", user->next_stanza_id());
      user->deliver(*companion, notification);
    }
  }
}

void unlink(World& user, std::uint16_t number) {
  user.companions.erase(number);
  announce_device(user, number, DeviceChange::kRemoved);
}

}  // namespace wasync::sim
