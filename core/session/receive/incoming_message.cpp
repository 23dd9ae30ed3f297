#include "session/receive/incoming_message.h"

#include <algorithm>

namespace wasync {
namespace {

// Of the attribute "edit" (whatsmeow types/message.go): 7 is the author's own revocation.
constexpr std::string_view kRevokedByAdmin = "8";

bool is_former_lid(const Jid& bare, const Device& device) {
  return std::ranges::find(device.former_lids, bare) != device.former_lids.end();
}

// The server states the other address under a name that depends on which one is used.
Jid alternative(const Node& stanza, const Jid& address, std::string_view phone_key,
                std::string_view lid_key) {
  Jid alt = stanza.jid(address.is_lid() ? phone_key : lid_key).value_or(Jid{});
  if (!alt.empty() && alt.device == 0) alt.device = address.device;
  return alt;
}

// An address of ours is no other name of somebody else, nor the reverse: that would hand
// them our phone's sessions.
void drop_if_mixed_up(Jid& alt, const Jid& address, const Device& device) {
  if (!alt.empty() && is_own_user(alt, device) != is_own_user(address, device)) alt = {};
}

// A list of ours has 256 recipients at most.
constexpr std::size_t kMostRecipients = 1'000;

std::vector<LidMapping> recipients_in(const Node& stanza) {
  std::vector<LidMapping> recipients;
  const Node* participants = stanza.child("participants");
  if (participants == nullptr) return recipients;
  for (const Node* to : participants->children_named("to")) {
    const Jid jid = to->jid("jid").value_or(Jid{}).bare();
    if (!jid.is_person() || recipients.size() == kMostRecipients) continue;
    const Jid other = alternative(*to, jid, "peer_recipient_pn", "peer_recipient_lid").bare();
    recipients.push_back(jid.is_lid() ? LidMapping{.lid = jid, .phone = other}
                                      : LidMapping{.lid = other, .phone = jid});
  }
  return recipients;
}

void fill_group(IncomingMessage& message, const Node& stanza, const Jid& from,
                const Device& device) {
  message.group = true;
  message.chat = from;
  message.sender = stanza.jid("participant").value_or(Jid{});
  message.sender_alt = alternative(stanza, message.sender, "participant_pn", "participant_lid");
  message.from_me = is_own_user(message.sender, device);
}

// What somebody sends to a list that we are on is a message to us; what we send to a list of ours
// is one to each recipient.
void fill_list(IncomingMessage& message, const Node& stanza, const Jid& from,
               const Device& device) {
  fill_group(message, stanza, from, device);
  message.list = from;
  if (message.from_me) {
    message.recipients = recipients_in(stanza);
  } else {
    message.group = false;
    message.chat = message.sender.bare();
  }
}

// Meta's have numbers of their own, too (whatsmeow types/jid.go).
bool is_bot(const Jid& jid) {
  if (jid.is(jid_server::kBot)) return true;
  return jid.is(jid_server::kUser) && jid.device == 0 && jid.user.size() == 11 &&
         (jid.user.starts_with("1313555") || jid.user.starts_with("131655500"));
}

void fill_bot(IncomingMessage& message, const Node& stanza, const Jid& from) {
  const Node* meta = stanza.child("meta");
  const auto asked_in = meta != nullptr ? meta->jid("target_chat_jid") : std::nullopt;
  message.sender = from;
  message.chat = asked_in.value_or(from).bare();
  message.group = message.chat.is_group();
}

void fill_own(IncomingMessage& message, const Node& stanza, const Jid& from) {
  message.from_me = true;
  message.sender = from;
  message.chat = stanza.jid("recipient").value_or(from).bare();
  message.chat_alt = alternative(stanza, message.chat, "peer_recipient_pn", "peer_recipient_lid");
}

void fill_direct(IncomingMessage& message, const Node& stanza, const Jid& from) {
  message.sender = from;
  message.chat = from.bare();
  message.sender_alt = alternative(stanza, from, "sender_pn", "sender_lid");
}

}  // namespace

bool is_own_user(const Jid& jid, const Device& device) {
  const Jid bare = jid.bare();
  return bare == device.jid.bare() || (!device.lid.empty() && bare == device.lid.bare()) ||
         is_former_lid(bare, device);
}

bool is_own_phone(const Jid& jid, const Device& device) {
  return jid == device.jid.bare() || (!device.lid.empty() && jid == device.lid.bare());
}

bool is_many(const Jid& chat) {
  return chat.is_group() || chat.is(jid_server::kBroadcast);
}

bool is_broadcast_list(const Jid& chat) {
  return chat.is(jid_server::kBroadcast) && chat.user != "status";
}

MessageKey key_of(const IncomingMessage& message) {
  const bool listed = !message.list.empty();
  return {.id = message.id,
          .remote_jid = (listed ? message.list : message.chat).to_string(),
          .from_me = message.from_me,
          .participant = message.group || listed ? message.sender.bare().to_string() : ""};
}

std::optional<IncomingMessage> parse_incoming(const Node& stanza, const Device& device) {
  const auto from = stanza.jid("from");
  IncomingMessage message{.id = stanza.text("id")};
  if (!from || message.id.empty() || message.id.size() > kLongestMessageId) return std::nullopt;
  message.sent_at = stanza.time("t");
  message.push_name = stanza.text("notify");
  message.category = stanza.text("category");
  message.by_admin = from->is_group() && stanza.text("edit") == kRevokedByAdmin;

  if (is_broadcast_list(*from)) {
    fill_list(message, stanza, *from, device);
  } else if (is_bot(*from)) {
    fill_bot(message, stanza, *from);
  } else if (is_many(*from)) {
    fill_group(message, stanza, *from, device);
  } else if (is_own_user(*from, device)) {
    fill_own(message, stanza, *from);
  } else {
    fill_direct(message, stanza, *from);
  }
  if (message.sender.empty() || message.sender.user.empty()) return std::nullopt;
  message.from_own_phone = is_own_phone(message.sender, device);
  drop_if_mixed_up(message.sender_alt, message.sender, device);
  drop_if_mixed_up(message.chat_alt, message.chat, device);
  return message;
}

}  // namespace wasync
