#include "session/receive/lid_news.h"

#include <nlohmann/json.hpp>
#include <string>

#include "session/receive/incoming_message.h"

namespace wasync {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kLinkedProfiles = "NotificationLinkedProfilesUpdates";
constexpr std::size_t kMostJson = 256 * 1024;
constexpr std::size_t kMostPairs = 1'000;

const Json& at(const Json& json, const char* key) {
  static const Json kNothing;
  const auto found = json.find(key);
  return found == json.end() ? kNothing : *found;
}

Jid jid_in(const Json& json) {
  const auto* text = json.get_ptr<const std::string*>();
  return text != nullptr ? Jid::parse(*text).value_or(Jid{}) : Jid{};
}

// A profile is an address, or an object that names one.
Jid profile_in(const Json& profile) {
  if (!profile.is_object()) return jid_in(profile);
  const Jid phone = jid_in(at(profile, "pn"));
  return phone.empty() ? jid_in(at(profile, "jid")) : phone;
}

void learn_update(const Json& update, StanzaGroup& group) {
  if (!update.is_object()) return;
  const Jid lid = jid_in(at(update, "jid"));
  const Json& profiles = at(update, "added_profiles");
  if (!profiles.is_array()) return;
  std::size_t pairs = 0;
  for (const Json& profile : profiles) {
    if (++pairs > kMostPairs) return;
    learn_pair(lid, profile_in(profile), group);
  }
}

}  // namespace

void learn_pair(const Jid& one, const Jid& other, StanzaGroup& group) {
  const Jid lid = (one.is_lid() ? one : other).bare();
  const Jid phone = (one.is_lid() ? other : one).bare();
  if (!lid.is_lid() || lid.user.empty() || !phone_of(phone)) return;
  if (is_own_user(lid, group.device()) != is_own_user(phone, group.device())) return;
  group.inbox().put_lid_mapping({.lid = lid, .phone = phone});
}

void learn_participants(const Node& list, StanzaGroup& group) {
  for (const Node* each : list.children_named("participant")) {
    const Jid jid = each->jid("jid").value_or(Jid{});
    learn_pair(jid, each->jid(jid.is_lid() ? "phone_number" : "lid").value_or(Jid{}), group);
  }
}

// In an <update> that names the operation, or, as it was before, in a <mex> whose JSON does.
void learn_linked_profiles(const Node& notification, StanzaGroup& group) {
  const Node* update = notification.child("update");
  const Node* content = update != nullptr ? update : notification.child("mex");
  if (content == nullptr || content->bytes().size() > kMostJson) return;
  const std::string text = to_string(content->bytes());
  if (text.find(kLinkedProfiles) == std::string::npos &&
      content->text("op_name") != kLinkedProfiles) {
    return;
  }
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return;
  const Json& data = at(json, "data");
  if (data.is_object()) learn_update(at(data, "xwa2_notify_linked_profiles"), group);
  const Json& updates = at(json, "updates");
  if (!updates.is_array() || updates.size() > kMostPairs) return;
  for (const Json& each : updates) learn_update(each, group);
}

}  // namespace wasync
