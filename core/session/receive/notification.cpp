#include "session/receive/notification.h"

#include "history/conversation.h"
#include "session/app_state/answer.h"
#include "session/receive/identity_change.h"
#include "session/receive/incoming_message.h"
#include "session/receive/lid_news.h"
#include "session/receive/signal_peer.h"
#include "signal/store.h"

namespace wasync {
namespace {

constexpr std::uint64_t kFewPreKeys = 5;

void take_group_change(const Node& stanza, StanzaGroup& group) {
  const Jid chat = stanza.jid("from").value_or(Jid{});
  if (!chat.is_group()) return;
  if (const Node* subject = stanza.child("subject")) {
    group.inbox().put_group_subject(chat, subject->text("subject"));
  }
  for (const Node& change : stanza.children()) learn_participants(change, group);
  const Node* create = stanza.child("create");
  const Node* made = create != nullptr ? create->child("group") : nullptr;
  if (made == nullptr) return;
  if (made->has("subject")) group.inbox().put_group_subject(chat, made->text("subject"));
  learn_participants(*made, group);
}

// Somebody installed WhatsApp anew: what they send from now on belongs to no session of ours,
// and what we kept would only delay the first message. Our own phone's identity is what its word
// on history rests on: that one goes with the link, and a server cannot make us forget it.
void forget_identity(const Jid& who, UnixSeconds at, StanzaGroup& group) {
  if (!who.is_person() || is_own_user(who, group.device())) return;
  SignalStore& store = group.store();
  const SignalAddress address = signal_peer(store, group.device(), who.bare(), {});
  for (const SignalAddress& each : store.sessions_of(address.name)) store.delete_identity(each);
  store.delete_identity(address);
  store.delete_sessions_of(address.name);
  note_identity_change(who, at, group);
}

// <modify old new old_lid new_lid>: the LIDs where the server knows them, old number's and new
// one's. Facts: whatsapp-rust handlers/notification.
void take_number_change(const Node& stanza, StanzaGroup& group) {
  const Node* modify = stanza.child("modify");
  if (modify == nullptr) return;
  const auto person = [&](std::string_view key) {
    const Jid jid = modify->jid(key).value_or(Jid{}).bare();
    return jid.is_person() && !is_own_user(jid, group.device()) ? jid : Jid{};
  };
  const Jid old_jid = person("old");
  const Jid new_jid = person("new");
  if (old_jid.empty() || new_jid.empty()) return;
  const Jid old_lid = person("old_lid");
  const Jid new_lid = person("new_lid");
  // Who keeps the LID is known by it under the new number from now on.
  if (old_lid != new_lid) {
    if (const auto mapping = lid_mapping(old_lid, old_jid)) group.inbox().put_lid_mapping(*mapping);
  }
  if (const auto mapping = lid_mapping(new_lid, new_jid)) group.inbox().put_lid_mapping(*mapping);
  group.inbox().put_number_change(old_jid, new_jid);
}

}  // namespace

void take_notification(const Node& stanza, StanzaGroup& group) {
  const std::string type = stanza.text("type");
  const Jid from = stanza.jid("from").value_or(server_jid());
  if (type == "server_sync") {
    if (take_announcement(group.database(), stanza)) group.outcome.app_state_news = true;
  } else if (type == "w:gp2") {
    take_group_change(stanza, group);
  } else if (type == "contacts") {
    take_number_change(stanza, group);
  } else if (type == "devices") {
    // A notice about somebody's linked devices states both of their addresses.
    learn_pair(stanza.jid("from").value_or(Jid{}), stanza.jid("lid").value_or(Jid{}), group);
  } else if (type == "mex") {
    learn_linked_profiles(stanza, group);
  } else if (type == "encrypt" && from == server_jid()) {
    const Node* count = stanza.child("count");
    const auto left = count != nullptr ? count->number("value") : std::nullopt;
    if (left && *left < kFewPreKeys) group.outcome.few_pre_keys = true;
  } else if (type == "encrypt" && stanza.child("identity") != nullptr) {
    forget_identity(from, stanza.time("t"), group);
  }
}

}  // namespace wasync
