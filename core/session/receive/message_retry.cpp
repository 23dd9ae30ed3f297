#include "session/receive/message_retry.h"

#include <algorithm>

#include "inbox/ids.h"
#include "inbox/queries.h"
#include "inbox/store.h"
#include "session/connection/pre_keys.h"
#include "session/connection/receipt.h"
#include "session/receive/realtime.h"
#include "signal/cipher.h"
#include "signal/store.h"

namespace wasync {
namespace {

// Asking for the fifth time has never helped (whatsmeow retry.go).
constexpr std::uint64_t kMostRetries = 4;

bool has_pairwise_part(const Node& stanza) {
  const auto parts = stanza.children_named("enc");
  return std::any_of(parts.begin(), parts.end(),
                     [](const Node* enc) { return enc_type_from(enc->text("type")).has_value(); });
}

// Senders mark what nobody misses (votes, settings); a reaction or an edit is no message either.
bool is_worth_showing(const Node& stanza) {
  if (stanza.text("type") == "reaction" || stanza.has("edit")) return false;
  const auto parts = stanza.children_named("enc");
  return std::none_of(parts.begin(), parts.end(),
                      [](const Node* enc) { return enc->text("decrypt-fail") == "hide"; });
}

// How often the sender has tried so far, by his own account.
std::uint64_t tries_of(const Node& stanza) {
  std::uint64_t count = 0;
  for (const Node* enc : stanza.children_named("enc")) {
    count = std::max(count, enc->number("count").value_or(0));
  }
  return count;
}

// Whether its sender's share has room for one more that we await; counts it when not.
bool has_room(const IncomingMessage& message, StanzaGroup& group) {
  if (message.from_me) return true;
  const AwaitedMessages awaited(group.database());
  const bool room =
      awaited.share_of(message.sender, UnixSeconds::now()).awaited < kMostAwaitedOfOne;
  if (!room) ++group.outcome.left_out;
  return room;
}

// The inbox misses nothing of it.
std::optional<AwaitedMessage> await_a_part(const IncomingMessage& message, std::string_view failure,
                                           StanzaGroup& group) {
  AwaitedMessages awaited(group.database());
  if (!awaited.find(message) && !has_room(message, group)) return std::nullopt;
  return awaited.add(message, {.failure = failure}, UnixSeconds::now());
}

// Asks the sender to encrypt the message anew; with keys, to begin a new session for it.
Node retry_receipt(const Node& stanza, const IncomingMessage& message, std::uint64_t count,
                   bool with_keys, StanzaGroup& group) {
  SignalStore& store = group.store();
  const LocalIdentity identity = store.local_identity();
  Node node = receipt(stanza, "retry");
  if (message.from_me && message.category == kPeerCategory) {
    node.set("category", std::string(kPeerCategory));
  }
  std::vector<Node> content;
  content.push_back(Node("retry", {{"count", std::to_string(count)},
                                   {"id", stanza.text("id")},
                                   {"t", stanza.text("t")},
                                   {"v", "1"}}));
  content.push_back(registration_node(identity.registration_id));
  if (with_keys) {
    std::vector<Node> keys;
    keys.push_back(key_type_node());
    keys.push_back(identity_node(identity.key.public_key));
    keys.push_back(key_node(store.pre_key_for_peer()));
    keys.push_back(key_node(store.signed_pre_key()));
    keys.emplace_back("device-identity", Node::Attributes{}, group.device().signed_identity);
    content.emplace_back("keys", Node::Attributes{}, std::move(keys));
  }
  node.content = std::move(content);
  return node;
}

}  // namespace

std::optional<Node> ask_again(const Node& stanza, const IncomingMessage& message,
                              const Undecrypted& undecrypted, bool told, StanzaGroup& group) {
  AwaitedMessages awaited(group.database());
  const auto row = told ? await_a_part(message, undecrypted.failure, group)
                        : await_content(stanza, message, undecrypted.failure, group);
  if (!row || row->came) return std::nullopt;
  const std::uint64_t count = std::max(tries_of(stanza), static_cast<std::uint64_t>(row->receipts));
  if (count >= kMostRetries) return std::nullopt;
  if (!message.from_me &&
      awaited.share_of(message.sender, UnixSeconds::now()).receipts >= kReceiptsAnHourToOne) {
    ++group.outcome.not_asked;
    return std::nullopt;
  }
  const bool with_keys = count > 0 || (undecrypted.keys_wanted && !has_pairwise_part(stanza));
  Node receipt = retry_receipt(stanza, message, count + 1, with_keys, group);
  awaited.set_receipts(row->row, static_cast<int>(count + 1));
  return receipt;
}

Node give_up(const Node& stanza, const IncomingMessage& message) {
  const bool own_copy = message.from_me && message.category != kPeerCategory;
  return own_copy ? receipt(stanza, "sender") : ack(stanza);
}

std::optional<AwaitedMessage> await_content(const Node& stanza, const IncomingMessage& message,
                                            std::string_view failure, StanzaGroup& group) {
  AwaitedMessages awaited(group.database());
  const auto known = awaited.find(message);
  if (known && known->came) return known;
  if (!known && !has_room(message, group)) return std::nullopt;
  const bool phone_has_it = message.category != kPeerCategory && takes_messages(message.chat) &&
                            !is_broadcast_list(message.chat);
  const bool shown =
      phone_has_it && is_worth_showing(stanza) && store_placeholder(message, group.inbox());
  if (shown) ++group.outcome.stored;
  AwaitedMessage row =
      awaited.add(message, {.failure = failure, .shown = shown, .phone_has_it = phone_has_it},
                  UnixSeconds::now());
  if (!known && phone_has_it) group.outcome.awaited.push_back(row.row);
  return row;
}

void content_came(const IncomingMessage& message, StanzaGroup& group) {
  AwaitedMessages awaited(group.database());
  const auto row = awaited.find(message);
  if (!row || row->came) return;
  if (row->shown && awaits_content(group.database(), message.chat, key_of(message))) {
    drop_placeholder(message, group.inbox());
  }
  awaited.mark_came(row->row);
}

}  // namespace wasync
