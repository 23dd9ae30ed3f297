#include "session/receive/incoming_receipt.h"

#include <algorithm>

#include "inbox/store.h"
#include "session/receive/incoming_message.h"

namespace wasync {
namespace {

// Phones send some hundred at most.
constexpr std::size_t kMostIds = 1'000;

// A receipt of ours says only what we have seen: that something of ours was delivered to another
// device of ours is nobody's news.
ReceiptKind kind_of(std::string_view type, bool by_us) {
  if (by_us) {
    return type == "read-self" || type == "read" ? ReceiptKind::kReadByUs : ReceiptKind::kOther;
  }
  if (type.empty()) return ReceiptKind::kDelivered;
  return type == "read" || type == "played" ? ReceiptKind::kRead : ReceiptKind::kOther;
}

void add_id(std::vector<std::string>& ids, std::string id) {
  if (!id.empty() && ids.size() < kMostIds) ids.push_back(std::move(id));
}

std::vector<std::string> ids_in(const Node& stanza) {
  std::vector<std::string> ids;
  const Node* members = stanza.child("participants");  // several members', about one message
  add_id(ids, members != nullptr ? members->text("key") : stanza.text("id"));
  if (const Node* list = stanza.child("list")) {
    for (const Node* item : list->children_named("item")) add_id(ids, item->text("id"));
  }
  return ids;
}

}  // namespace

std::optional<IncomingReceipt> parse_receipt(const Node& stanza, const Device& device) {
  const auto from = stanza.jid("from");
  if (!from || from->empty()) return std::nullopt;
  const bool group = is_many(*from);
  const Jid by = group ? stanza.jid("participant").value_or(Jid{}) : *from;
  const bool by_us = is_own_user(by, device);
  IncomingReceipt receipt{.kind = kind_of(stanza.text("type"), by_us),
                          .chat = from->bare(),
                          .ids = ids_in(stanza),
                          .at = stanza.time("t")};
  // What we sent to a list lies in the chat with each recipient.
  if (!by_us && is_broadcast_list(*from)) receipt.chat = by.bare();
  // The owner's other devices send theirs from his address.
  if (by_us && !group) receipt.chat = stanza.jid("recipient").value_or(*from).bare();
  if (receipt.ids.empty()) return std::nullopt;
  return receipt;
}

bool store_receipt(const IncomingReceipt& receipt, InboxWriter& inbox) {
  switch (receipt.kind) {
    case ReceiptKind::kDelivered:
    case ReceiptKind::kRead:
      return inbox.put_receipt({.chat = receipt.chat,
                                .ids = receipt.ids,
                                .status = receipt.kind == ReceiptKind::kRead
                                              ? DeliveryStatus::kRead
                                              : DeliveryStatus::kDelivered,
                                .at = receipt.at}) > 0;
    case ReceiptKind::kReadByUs: {
      const UnixSeconds newest = inbox.newest_of(receipt.chat, receipt.ids);
      return newest.known() && inbox.put_read_mark(receipt.chat, true, newest);
    }
    case ReceiptKind::kOther: return false;
  }
  return false;
}

}  // namespace wasync
