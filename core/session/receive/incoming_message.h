// Who wrote what where: the parsed attributes of a <message> stanza.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"
#include "inbox/message.h"
#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

inline constexpr std::string_view kPeerCategory = "peer";  // between our own devices

inline constexpr std::size_t kLongestMessageId = 4096;  // real ones have 20 to 32 characters

struct IncomingMessage {
  std::string id{};
  Jid chat{};        // device dropped; as addressed, LID or phone number
  Jid sender{};      // with device
  Jid sender_alt{};  // the sender under the other kind of address, when stated; else empty
  Jid chat_alt{};    // the chat's other address, for a message we wrote on another device
  bool from_me = false;
  // This account's own phone sent it: only the phone's word on history, keys and address mappings
  // counts. See is_own_phone.
  bool from_own_phone = false;
  bool group = false;  // group, status, or a broadcast list of ours: the sender is a participant
  // The broadcast list that it was sent to. WhatsApp addresses the message by the list, but it
  // belongs in the chat of two. Empty: no list.
  Jid list{};
  std::vector<LidMapping> recipients{};  // of a list of ours; one of the two may be empty
  UnixSeconds sent_at{};
  std::string push_name{};
  std::string category{};
  // The server vouches that the sender is an admin of the group, who may take back what others
  // wrote there.
  bool by_admin = false;
};

// Whether it is one of the account's two addresses, or a LID that it had before; of any device.
bool is_own_user(const Jid& jid, const Device& device);
// Whether it is device 0 at one of the two addresses, exactly as WhatsApp writes them. No other
// form that folds to our user (hosted, of an agent, in capitals, a former LID) is our phone.
bool is_own_phone(const Jid& jid, const Device& device);

// Whether it is a group or a broadcast list: everyone who writes there is a participant.
bool is_many(const Jid& chat);
// Whether it is a broadcast list: `status@broadcast` is none.
bool is_broadcast_list(const Jid& chat);

// The key by which WhatsApp names the message.
MessageKey key_of(const IncomingMessage& message);

// Nothing when a needed attribute is missing or malformed. A bot's answer belongs to the chat in
// which the bot was asked. Facts: whatsmeow message.go (parseMessageSource).
std::optional<IncomingMessage> parse_incoming(const Node& stanza, const Device& device);

}  // namespace wasync
