// What a <receipt> stanza says about messages: others received or read them, or the owner read them
// on another device. Facts: whatsmeow receipt.go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"
#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

class InboxWriter;

enum class ReceiptKind {
  kDelivered,  // of our message, to a device of the recipient
  kRead,       // of our message: read or played
  kReadByUs,   // of messages to us: the owner saw them elsewhere
  kOther,      // between devices and servers (sender, inactive, retry, peer_msg, …): says nothing
};

struct IncomingReceipt {
  ReceiptKind kind = ReceiptKind::kOther;
  Jid chat{};
  std::vector<std::string> ids{};  // at most 1,000; the first is the stanza's own
  UnixSeconds at{};
};

// Nothing when it names no chat or no message.
std::optional<IncomingReceipt> parse_receipt(const Node& stanza, const Device& device);

// Works in the writer's transaction. In a group the first member's receipt counts, because we do
// not know here how many members there are. Returns whether anything changed.
bool store_receipt(const IncomingReceipt& receipt, InboxWriter& inbox);

}  // namespace wasync
