#include "session/receive/incoming_message.h"

namespace wasync {
namespace {

// Of the attribute "edit" (whatsmeow types/message.go): 7 is the author's own revocation.
constexpr std::string_view kRevokedByAdmin = "8";

constexpr std::size_t kLongestId = 4096;  // real ones have 20 to 32 characters

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

void fill_group(IncomingMessage& message, const Node& stanza, const Jid& from,
                const Device& device) {
  message.group = true;
  message.chat = from;
  message.sender = stanza.jid("participant").value_or(Jid{});
  message.sender_alt = alternative(stanza, message.sender, "participant_pn", "participant_lid");
  message.from_me = is_own_user(message.sender, device);
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
  return bare == device.jid.bare() || (!device.lid.empty() && bare == device.lid.bare());
}

bool is_many(const Jid& chat) {
  return chat.is_group() || chat.is(jid_server::kBroadcast);
}

MessageKey key_of(const IncomingMessage& message) {
  return {.id = message.id,
          .remote_jid = message.chat.to_string(),
          .from_me = message.from_me,
          .participant = message.group ? message.sender.bare().to_string() : ""};
}

std::optional<IncomingMessage> parse_incoming(const Node& stanza, const Device& device) {
  const auto from = stanza.jid("from");
  IncomingMessage message{.id = stanza.text("id")};
  if (!from || message.id.empty() || message.id.size() > kLongestId) return std::nullopt;
  message.sent_at = stanza.time("t");
  message.push_name = stanza.text("notify");
  message.category = stanza.text("category");
  message.by_admin = from->is_group() && stanza.text("edit") == kRevokedByAdmin;

  if (is_many(*from)) {
    fill_group(message, stanza, *from, device);
  } else if (is_own_user(*from, device)) {
    fill_own(message, stanza, *from);
  } else {
    fill_direct(message, stanza, *from);
  }
  if (message.sender.empty() || message.sender.user.empty()) return std::nullopt;
  drop_if_mixed_up(message.sender_alt, message.sender, device);
  drop_if_mixed_up(message.chat_alt, message.chat, device);
  return message;
}

}  // namespace wasync
