// Who says what where: the attributes of a <message> stanza, sorted out.
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
  Jid chat_alt{};    // likewise for the chat of a message we wrote on another device
  bool from_me = false;
  bool by_former_lid = false;  // of ours: somebody else may have that address by now
  bool group = false;  // group, status, or a broadcast list of ours: the sender is a participant
  // The broadcast list that it was sent to: WhatsApp addresses it by the list, but it belongs into
  // the chat of two. Empty otherwise.
  Jid list{};
  std::vector<LidMapping> recipients{};  // of a list of ours; one of the two may be empty
  UnixSeconds sent_at{};
  std::string push_name{};
  std::string category{};
  // The server vouches for an admin of the group, who may take back what others wrote there.
  bool by_admin = false;

  // From the phone of this very account: the only one whose word on history, keys and
  // address mappings counts.
  bool from_own_phone() const { return from_me && sender.device == 0 && !by_former_lid; }
};

// One of the account's two addresses, or a LID that it had before; of whatever device.
bool is_own_user(const Jid& jid, const Device& device);

// A group or a broadcast list: whoever writes there is a participant.
bool is_many(const Jid& chat);
// A broadcast list: `status@broadcast` is none.
bool is_broadcast_list(const Jid& chat);

// As WhatsApp names the message.
MessageKey key_of(const IncomingMessage& message);

// Nothing when a needed attribute is missing or malformed. A bot's answer is in the chat where it
// was asked. Facts: whatsmeow message.go (parseMessageSource).
std::optional<IncomingMessage> parse_incoming(const Node& stanza, const Device& device);

}  // namespace wasync
