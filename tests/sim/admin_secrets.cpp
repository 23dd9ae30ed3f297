#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "proto/message.pb.h"
#include "sim/admin_route.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

// By kind, without the empty ones.
struct Secrets {
  std::map<std::string, std::set<std::string>> all{};

  void add(const char* kind, std::string_view secret) {
    if (!secret.empty()) all[kind].emplace(secret);
  }
  void add_key(BytesView key) {
    if (!key.empty()) all["keys"].insert(hex_encode(key));
  }
  void add_address(std::string_view jid) { add("numbers", jid.substr(0, jid.find('@'))); }
};

void add_people(const Dataset& dataset, Secrets& secrets) {
  secrets.add("numbers", dataset.owner.phone);
  secrets.add("numbers", dataset.owner.lid);
  secrets.add("names", dataset.owner.push_name);
  for (const Person& person : dataset.people) {
    secrets.add("numbers", person.phone);
    secrets.add("numbers", person.lid);
    for (const std::string& name : {person.saved_name, person.push_name, person.verified_name})
      secrets.add("names", name);
  }
}

void add_messages(const Dataset& dataset, Secrets& secrets) {
  for (std::size_t c = 0; c < dataset.chats.size(); ++c) {
    const Chat& chat = dataset.chats[c];
    // "status@broadcast" is nobody's.
    if (chat.kind != ChatKind::kStatus) secrets.add_address(chat.jid);
    secrets.add("names", chat.name);
    for (std::size_t i = 0; i < chat.total(); ++i) {
      const Message message = dataset.message(c, i);
      secrets.add("ids", message.id);
      secrets.add("texts", message.body.value_or(""));
      secrets.add("names", message.file_name);
    }
  }
}

// What was said since.
void add_sent(const World& world, Secrets& secrets) {
  for (const auto& [id, sent] : world.sent) {
    secrets.add("ids", id);
    secrets.add("numbers", sent.sender.user);
    pb::Message content;
    if (!content.ParseFromString(to_string(sent.content))) continue;
    secrets.add("texts", content.conversation());
    secrets.add("texts", content.extended_text().text());
    secrets.add("texts", content.image().caption());
  }
}

void add_keys(const World& world, Secrets& secrets) {
  secrets.add_key(world.phone_key.private_key);
  secrets.add_key(world.phone_key.public_key);
  secrets.add_key(world.app_state.key_id());
  secrets.add_key(world.app_state.key_data());
  secrets.add("keys", world.media.auth);
  for (const auto& [number, companion] : world.companions) {
    secrets.add_key(companion->noise_key);
    secrets.add_key(companion->identity);
    secrets.add_key(companion->signed_pre_key.public_key);
    secrets.add_key(companion->signed_pre_key.signature);
    for (const PreKey& key : companion->pre_keys) secrets.add_key(key.public_key);
  }
}

}  // namespace

HttpAnswer answer_secrets(World& world, const HttpQuestion&) {
  Secrets secrets;
  add_people(world.dataset, secrets);
  add_messages(world.dataset, secrets);
  add_sent(world, secrets);
  add_keys(world, secrets);
  for (const auto& [jid, group] : world.service.groups) {
    secrets.add_address(jid);
    secrets.add("names", group.subject);
  }
  return json_answer(secrets.all);
}

}  // namespace wasync::sim
