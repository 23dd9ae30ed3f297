// Messages that did not decrypt, or came without content: asked of their sender again, shown as
// awaited, and taken from our phone. Facts: whatsmeow retry.go.
#include <algorithm>

#include "history/web_message.h"
#include "inbox/ids.h"
#include "inbox/queries.h"
#include "inbox/store.h"
#include "proto/peer_message.pb.h"
#include "proto/web_message.pb.h"
#include "session/connection/pre_keys.h"
#include "session/connection/receipt.h"
#include "session/receive/message_receiver.h"
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

}  // namespace

// What the phone has of messages that we could not decrypt. Only what is awaited is taken.
void MessageReceiver::take_resent(const pb::PeerDataOperationRequestResponseMessage& response,
                                  InboxWriter& inbox, Outcome& outcome) {
  if (response.peer_data_operation_request_type() != pb::PEER_DATA_PLACEHOLDER_MESSAGE_RESEND) {
    return;
  }
  const OwnIdentity own{.phone = device_.jid.bare(), .lid = device_.lid.bare()};
  AwaitedMessages awaited(store_.database());
  for (const auto& result : response.peer_data_operation_result()) {
    pb::WebMessageInfo info;
    const auto& resent = result.placeholder_message_resend_response();
    if (!info.ParseFromString(resent.web_message_info_bytes())) {
      ++counts_.malformed;
      continue;
    }
    const auto chat = Jid::parse(info.key().remote_jid());
    auto found =
        chat ? awaited.find_open(info.key().id(), info.key().from_me(), *chat) : std::nullopt;
    if (!found) continue;
    found->message.push_name = info.push_name();
    const auto told = store_resent(found->message, info, own, inbox);
    if (!told) continue;  // the phone has no more than we
    if (*told) ++outcome.stored;
    content_came(found->message, inbox);
  }
}

AwaitedMessage MessageReceiver::await_content(const Node& stanza, const IncomingMessage& message,
                                              std::string_view failure, InboxWriter& inbox,
                                              Outcome& outcome) {
  AwaitedMessages awaited(store_.database());
  const auto known = awaited.find(message);
  if (known && known->came) return *known;
  const bool phone_has_it = message.category != kPeerCategory && can_be_thread(message.chat);
  const bool shown = phone_has_it && is_worth_showing(stanza) && store_placeholder(message, inbox);
  if (shown) ++outcome.stored;
  AwaitedMessage row =
      awaited.add(message, {.failure = failure, .shown = shown, .phone_has_it = phone_has_it},
                  UnixSeconds::now());
  if (!known && phone_has_it) outcome.awaited.push_back(row.row);
  return row;
}

void MessageReceiver::content_came(const IncomingMessage& message, InboxWriter& inbox) {
  AwaitedMessages awaited(store_.database());
  const auto row = awaited.find(message);
  if (!row || row->came) return;
  if (row->shown && awaits_content(store_.database(), message.chat, key_of(message))) {
    drop_placeholder(message, inbox);
  }
  awaited.mark_came(row->row);
}

void MessageReceiver::ask_again(const Node& stanza, const IncomingMessage& message,
                                const Trouble& trouble, InboxWriter& inbox, Outcome& outcome) {
  // How often the sender has tried so far, by his account and by ours.
  std::uint64_t count = 0;
  for (const Node* enc : stanza.children_named("enc")) {
    count = std::max(count, enc->number("count").value_or(0));
  }
  AwaitedMessages awaited(store_.database());
  AwaitedMessage row;
  if (trouble.told) {
    row = awaited.add(message, {.failure = *trouble.undecryptable}, UnixSeconds::now());
  } else {
    row = await_content(stanza, message, *trouble.undecryptable, inbox, outcome);
  }
  count = std::max(count, static_cast<std::uint64_t>(row.receipts));
  if (row.came || count >= kMostRetries) return;
  const bool with_keys = count > 0 || (trouble.keys_wanted && !has_pairwise_part(stanza));
  outcome.answers.push_back(retry_receipt(stanza, message, count + 1, with_keys));
  awaited.set_receipts(row.row, static_cast<int>(count + 1));
}

// Asks the sender to encrypt the message anew; with keys, to begin a new session for it.
Node MessageReceiver::retry_receipt(const Node& stanza, const IncomingMessage& message,
                                    std::uint64_t count, bool with_keys) const {
  const LocalIdentity identity = store_.local_identity();
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
    keys.push_back(key_node(store_.pre_key_for_peer()));
    keys.push_back(key_node(store_.signed_pre_key()));
    keys.emplace_back("device-identity", Node::Attributes{}, device_.signed_identity);
    content.emplace_back("keys", Node::Attributes{}, std::move(keys));
  }
  node.content = std::move(content);
  return node;
}

}  // namespace wasync
