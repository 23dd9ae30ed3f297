#include "sim/world.h"

#include <algorithm>

#include "base/clock.h"
#include "base/crypto.h"
#include "sim/client_session.h"
#include "sim/load.h"

namespace wasync::sim {
namespace {

// The real server's own number is not known: clients ask themselves whether they are few.
constexpr std::size_t kFewPreKeys = 10;

}  // namespace

World::World(Service& service_, Dataset dataset_, std::size_t number_)
    : service(service_),
      number(number_),
      dataset(std::move(dataset_)),
      executor(service.executor),
      options(service.options),
      faults(service.faults),
      journal(service.journal),
      media(service.media),
      sessions(service.sessions) {
  app_state.fill(dataset);
  media.deletion_secrets.insert(deletion_secret);
  phone_ = std::make_unique<SignalParty>(service.next_file(), phone_key);
}

World::~World() = default;

Jid World::owner_jid() const {
  return {.user = dataset.owner.phone, .server = std::string(jid_server::kUser)};
}

Jid World::owner_lid() const {
  return {.user = dataset.owner.lid, .server = std::string(jid_server::kLid)};
}

Jid World::companion_jid(const Companion& companion) const {
  Jid jid = owner_jid();
  jid.device = companion.number;
  return jid;
}

Jid World::companion_lid(const Companion& companion) const {
  Jid jid = owner_lid();
  jid.device = companion.number;
  return jid;
}

SignalParty& World::party_of(const std::string& address) {
  if (World* user = service.user(address)) return user->phone();
  // One device, whichever of the two addresses is used for it.
  std::string user = address;
  for (const Person& person : dataset.people)
    if (person.lid == address) user = person.phone;
  std::unique_ptr<SignalParty>& party = parties_[user];
  if (!party) party = std::make_unique<SignalParty>(service.next_file(), KeyPair::generate());
  return *party;
}

std::optional<PreKeyBundle> World::take_bundle(Companion& companion) {
  const auto bundle = companion.take_bundle();
  const std::size_t left = companion.pre_keys.size();
  if (!bundle || left >= kFewPreKeys) return bundle;
  Node notification("notification", {{"from", server_jid()},
                                     {"type", "encrypt"},
                                     {"id", next_stanza_id()},
                                     {"t", std::to_string(UnixSeconds::now().value)}});
  notification.content = std::vector<Node>{Node("count", {{"value", std::to_string(left)}})};
  deliver(companion, std::move(notification));
  return bundle;
}

void World::deliver(Companion& companion, Node stanza) {
  if (load && load->keeps(companion, stanza)) return;
  companion.pending.push_back(stanza);
  if (companion.active == nullptr) return;
  if (stanza.tag == "message") message_times.sent(stanza.text("id"));
  if (faults.on("swap") && !swapped_) {
    swapped_ = std::move(stanza);
    return;
  }
  companion.active->deliver(stanza);
  if (faults.on("duplicate")) companion.active->deliver(stanza);
  if (swapped_) {
    companion.active->deliver(*swapped_);
    swapped_.reset();
  }
}

bool World::is_own_copy(const Companion& companion, std::string_view tag, std::string_view id) {
  const auto& pending = companion.pending;
  return std::any_of(pending.begin(), pending.end(), [&](const Node& stanza) {
    return stanza.tag == tag && stanza.text("id") == id && stanza.has("recipient");
  });
}

void World::acknowledged(Companion& companion, std::string_view tag, std::string_view id) {
  auto& pending = companion.pending;
  const auto is_it = [&](const Node& stanza) {
    return stanza.tag == tag && stanza.text("id") == id;
  };
  const auto found = std::find_if(pending.begin(), pending.end(), is_it);
  if (found != pending.end() && found->has("recipient"))
    std::erase_if(pending, is_it);
  else if (found != pending.end())
    pending.erase(found);
  companion.refused.erase({std::string(tag), std::string(id)});
  if (companion.active != nullptr) companion.active->acknowledged();
  if (tag == "message") message_times.answered(std::string(id));
  if (load) load->resume();
}

std::string World::next_stanza_id() {
  // As a phone makes them: 3A and 18 hexadecimal digits, here a hash of a counter.
  const std::string counted = std::to_string(dataset.seed) + "/" + std::to_string(next_id_++);
  std::string id = "3A" + hex_encode(BytesView(sha256(as_bytes(counted))).first(9));
  std::transform(id.begin(), id.end(), id.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return id;
}

}  // namespace wasync::sim
