#include "sim/iq_people.h"

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "proto/verified_name.pb.h"
#include "sim/iq.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Children = std::vector<Node>;

Node devices_of(const World& world, const Jid& jid) {
  Children devices{Node("device", {{"id", "0"}})};
  if (const World* user = world.service.user(jid.user))
    for (const auto& [number, companion] : user->companions)
      devices.push_back(Node("device", {{"id", std::to_string(number)},
                                        {"key-index", std::to_string(companion->key_index)}}));
  return with_children(
      "devices", {},
      {with_children("device-list", {}, std::move(devices)),
       Node("key-index-list", {{"ts", std::to_string(UnixSeconds::now().value)}})});
}

bool has_whatsapp(const World& world, const Jid& jid) {
  return world.service.user(jid.user) != nullptr || world.dataset.find_person(jid) != nullptr;
}

std::string lid_of(const World& world, const Jid& jid) {
  if (const World* user = world.service.user(jid.user)) return user->dataset.owner.lid_jid();
  const Person* person = world.dataset.find_person(jid);
  return person == nullptr ? std::string() : person->lid_jid();
}

// Serialised; empty: no business.
Bytes verified_name_of(const World& world, const Jid& jid) {
  const Person* person = world.dataset.find_person(jid);
  if (person == nullptr || person->verified_name.empty()) return {};
  pb::VerifiedNameCertificate::Details details;
  details.set_verified_name(person->verified_name);
  pb::VerifiedNameCertificate certificate;
  certificate.set_details(details.SerializeAsString());
  return to_bytes(certificate.SerializeAsString());
}

// The address a user entry asks about: its jid, or the phone number in its <contact>.
std::optional<Jid> asked_about(const Node& user) {
  if (const auto jid = user.jid("jid")) return jid;
  const Node* contact = user.child("contact");
  if (contact == nullptr) return std::nullopt;
  std::string phone = to_string(contact->bytes());
  if (!phone.empty() && phone.front() == '+') phone.erase(0, 1);
  return Jid::parse(phone + "@s.whatsapp.net");
}

Node user_entry(const World& world, const Node& query, const Jid& jid) {
  Children facts;
  for (const Node& protocol : query.children()) {
    if (protocol.tag == "devices")
      facts.push_back(devices_of(world, jid));
    else if (protocol.tag == "contact")
      facts.push_back(Node("contact", {{"type", has_whatsapp(world, jid) ? "in" : "out"}}));
    else if (protocol.tag == "business") {
      if (Bytes name = verified_name_of(world, jid); !name.empty())
        facts.push_back(
            with_children("business", {}, {Node("verified_name", {{"v", "1"}}, std::move(name))}));
    } else if (protocol.tag == "lid") {
      if (const std::string lid = lid_of(world, jid); !lid.empty())
        facts.push_back(Node("lid", {{"val", *Jid::parse(lid)}}));
    }
  }
  return with_children("user", {{"jid", jid}}, std::move(facts));
}

Node group_node(const World& world, const Chat& chat) {
  Children participants;
  const auto add = [&](const std::string& jid, const std::string& lid, const char* type) {
    Node participant("participant", {{"jid", *Jid::parse(jid)}});
    if (!lid.empty()) participant.set("lid", *Jid::parse(lid));
    if (*type != 0) participant.set("type", std::string(type));
    participants.push_back(std::move(participant));
  };
  add(world.dataset.owner.phone_jid(), world.dataset.owner.lid_jid(), "superadmin");
  for (const std::size_t member : chat.members) {
    const Person& person = world.dataset.people[member];
    add(person.phone_jid(), person.mapping_told ? person.lid_jid() : std::string(), "");
  }
  const std::string id = chat.jid.substr(0, chat.jid.find('@'));
  return with_children("group",
                       {{"id", id},
                        {"subject", chat.name},
                        {"s_t", "1700000000"},
                        {"creation", "1700000000"},
                        {"creator", world.owner_jid()},
                        {"s_o", world.owner_jid()},
                        {"addressing_mode", "pn"}},
                       std::move(participants));
}

}  // namespace

void watch_for_bursts(World& world, Companion& companion, const Node& iq) {
  constexpr std::size_t kBurst = 10;
  constexpr std::chrono::seconds kWithin{5};
  const auto now = std::chrono::steady_clock::now();
  auto& asked = companion.asked_about_people;
  asked.push_back(now);
  while (now - asked.front() > kWithin) asked.pop_front();
  if (asked.size() > kBurst && !world.faults.on("forgive-bursts"))
    Journal::add(world.journal.complaints, "a burst of queries: " + iq.text("xmlns"));
}

Node answer_usync(World& world, const Node& iq, Node result) {
  const Node* usync = iq.child("usync");
  const Node* query = usync == nullptr ? nullptr : usync->child("query");
  const Node* list = usync == nullptr ? nullptr : usync->child("list");
  if (query == nullptr || list == nullptr) throw Error(ErrorCode::kProtocol, "no usync query");
  Children users;
  for (const Node* user : list->children_named("user"))
    if (const auto jid = asked_about(*user)) users.push_back(user_entry(world, *query, *jid));
  Children protocols;
  for (const Node& protocol : query->children()) protocols.push_back(Node(protocol.tag));
  Node::Attributes attributes;
  for (const char* key : {"sid", "index", "last", "mode", "context"})
    if (usync->has(key)) attributes.emplace_back(key, usync->text(key));
  result.content = Children{with_children("usync", std::move(attributes),
                                          {with_children("result", {}, std::move(protocols)),
                                           with_children("list", {}, std::move(users))})};
  return result;
}

Node answer_groups(World& world, const Node& iq, Node result) {
  const auto to = iq.jid("to");
  if (iq.child("participating") != nullptr) {
    Children groups;
    for (const Chat& chat : world.dataset.chats)
      if (chat.kind == ChatKind::kGroup) groups.push_back(group_node(world, chat));
    for (const auto& [jid, group] : world.service.groups)
      if (group.has(world)) groups.push_back(group_node(group));
    result.content = Children{with_children("groups", {}, std::move(groups))};
    return result;
  }
  const auto group = world.service.groups.find(to ? to->to_string() : std::string());
  if (group != world.service.groups.end() && group->second.has(world)) {
    result.content = Children{group_node(group->second)};
    return result;
  }
  for (const Chat& chat : world.dataset.chats) {
    if (chat.kind != ChatKind::kGroup || !to || to->to_string() != chat.jid) continue;
    result.content = Children{group_node(world, chat)};
    return result;
  }
  throw Error(ErrorCode::kProtocol, "no such group");
}

}  // namespace wasync::sim
