#include "session/message_receiver.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "inbox/history_queue.h"
#include "inbox/store.h"
#include "proto/lid_migration.pb.h"
#include "proto/message.pb.h"
#include "session/pre_keys.h"
#include "session/realtime.h"
#include "session/receipt.h"
#include "session/signal_peer.h"
#include "signal/cipher.h"
#include "signal/padding.h"
#include "signal/store.h"

namespace wasync {
namespace {

constexpr std::string_view kGroupEncType = "skmsg";

// The message for us is inside when another device of ours wrote it.
const pb::Message& without_device_sent(const pb::Message& message) {
  return message.has_device_sent_message() && message.device_sent_message().has_message()
             ? message.device_sent_message().message()
             : message;
}

}  // namespace

MessageReceiver::Outcome MessageReceiver::receive(const Node& stanza) {
  ++counts_.received;
  Outcome outcome;
  const auto message = parse_incoming(stanza, device_);
  if (!message) {
    ++counts_.malformed;
    outcome.answers.push_back(ack(stanza, Nack::kParsingError));
    return outcome;
  }
  const auto parts = stanza.children_named("enc");
  if (parts.empty()) {
    // Channels and announcements of messages the server does not have: nothing to decrypt.
    outcome.answers.push_back(ack(stanza));
    return outcome;
  }

  Transaction transaction(store_.database());
  InboxWriter inbox(store_.database());
  SignalCipher cipher(store_);
  learn_addresses(*message, inbox);
  Part worst = Part::kDone;
  for (const Node* enc : parts) {
    worst = std::max(worst, receive_part(*message, *enc, cipher, inbox, outcome));
  }
  answer(stanza, *message, worst, outcome);
  inbox.flush();
  transaction.commit();
  return outcome;
}

void MessageReceiver::learn_addresses(const IncomingMessage& message, InboxWriter& inbox) {
  const auto learn = [&](const Jid& one, const Jid& other) {
    if (one.empty() || other.empty()) return;
    const Jid& lid = one.is_lid() ? one : other;
    const Jid& phone = one.is_lid() ? other : one;
    if (lid.is_lid() && phone_of(phone)) {
      inbox.put_lid_mapping({.lid = lid.bare(), .phone = phone.bare()});
    }
  };
  learn(message.sender, message.sender_alt);
  learn(message.chat, message.chat_alt);
  if (!message.from_me && !message.push_name.empty()) {
    inbox.put_push_name(message.sender.bare(), message.push_name);
  }
}

MessageReceiver::Part MessageReceiver::receive_part(const IncomingMessage& message, const Node& enc,
                                                    SignalCipher& cipher, InboxWriter& inbox,
                                                    Outcome& outcome) {
  const std::string type = enc.text("type");
  const SignalAddress sender = signal_peer(store_, device_, message.sender, message.sender_alt);
  Decrypted decrypted;
  if (const auto pairwise = enc_type_from(type)) {
    decrypted = cipher.decrypt(sender, *pairwise, enc.bytes());
  } else if (type == kGroupEncType && message.group) {
    decrypted = cipher.group_decrypt(message.chat, sender, enc.bytes());
  } else {
    return Part::kMalformed;
  }
  if (!decrypted) {
    if (decrypted.failure == SignalFailure::kDuplicate) return Part::kDone;
    ++counts_.undecryptable;
    log::warn("a message from {} could not be decrypted: {}", message.sender.to_string(),
              name(*decrypted.failure));
    return Part::kUndecryptable;
  }

  const BytesView padded(*decrypted.plaintext);
  const auto plaintext = enc.text("v") == "3" ? std::optional(padded) : unpad(padded);
  pb::Message content;
  if (!plaintext ||
      !content.ParseFromArray(plaintext->data(), static_cast<int>(plaintext->size()))) {
    ++counts_.malformed;
    return Part::kMalformed;
  }
  const pb::Message& own_copy = without_device_sent(content);
  if (message.group && own_copy.has_sender_key_distribution_message()) {
    const auto& distribution = own_copy.sender_key_distribution_message();
    if (const auto failure = cipher.process_sender_key_distribution(
            message.chat, sender,
            as_bytes(distribution.axolotl_sender_key_distribution_message()))) {
      log::warn("a sender key from {} is unusable: {}", message.sender.to_string(), name(*failure));
    }
  }
  if (own_copy.has_protocol_message()) handle_protocol(message, own_copy, inbox, outcome);
  if (message.category != "peer") {
    outcome.stored = store_realtime(message, content, inbox) || outcome.stored;
  }
  return Part::kDone;
}

void MessageReceiver::handle_protocol(const IncomingMessage& message, const pb::Message& content,
                                      InboxWriter& inbox, Outcome& outcome) {
  const auto& protocol = content.protocol_message();
  const bool self_only = protocol.has_history_sync_notification() ||
                         protocol.has_app_state_sync_key_share() ||
                         protocol.has_lid_migration_mapping_sync_message() ||
                         protocol.has_peer_data_operation_request_response_message();
  if (!self_only) return;
  if (!message.from_own_phone()) {
    ++counts_.spoofed;
    log::warn("{} sent a message that only our own phone may send: dropped",
              message.sender.to_string());
    return;
  }
  if (protocol.has_history_sync_notification()) queue_history(message, content, outcome);
  if (protocol.has_lid_migration_mapping_sync_message()) {
    pb::LidMigrationMappingSyncPayload payload;
    const auto& encoded = protocol.lid_migration_mapping_sync_message().encoded_mapping_payload();
    if (!payload.ParseFromString(encoded)) return;
    for (const auto& mapping : payload.pn_to_lid_mappings()) {
      inbox.put_lid_mapping({.lid = {.user = std::to_string(mapping.assigned_lid()),
                                     .server = std::string(jid_server::kLid)},
                             .phone = {.user = std::to_string(mapping.pn()),
                                       .server = std::string(jid_server::kUser)}});
    }
  }
}

void MessageReceiver::queue_history(const IncomingMessage& message, const pb::Message& content,
                                    Outcome& outcome) {
  const auto& notification = content.protocol_message().history_sync_notification();
  HistoryItem item{.received_at = UnixSeconds::now(),
                   .type = static_cast<int>(notification.sync_type()),
                   .chunk_order = static_cast<int>(notification.chunk_order()),
                   .notification = to_bytes(notification.SerializeAsString()),
                   .message_id = message.id,
                   .dedupe_key = notification.file_enc_sha256().empty()
                                     ? message.id
                                     : hex_encode(as_bytes(notification.file_enc_sha256())),
                   .request_id = notification.peer_data_request_session_id()};
  outcome.history_queued =
      HistoryQueue(store_.database()).add(item).has_value() || outcome.history_queued;
}

void MessageReceiver::answer(const Node& stanza, const IncomingMessage& message, Part worst,
                             Outcome& outcome) {
  switch (worst) {
    case Part::kDone:
      if (message.category == "peer") {
        outcome.answers.push_back(receipt(stanza, "peer_msg"));
      } else {
        outcome.answers.push_back(receipt(stanza, message.from_me ? "sender" : "inactive"));
      }
      break;
    case Part::kUndecryptable:
      outcome.answers.push_back(retry_receipt(stanza));
      outcome.answers.push_back(ack(stanza));
      break;
    case Part::kMalformed: outcome.answers.push_back(ack(stanza, Nack::kInvalidProtobuf)); break;
  }
}

// Asks the sender to encrypt the message anew. From the second time on it carries fresh
// keys, with which the sender can begin a new session.
Node MessageReceiver::retry_receipt(const Node& stanza) const {
  const Node* enc = stanza.child("enc");
  const std::uint64_t count = (enc != nullptr ? enc->number("count").value_or(0) : 0) + 1;
  const LocalIdentity identity = store_.local_identity();
  Node node = receipt(stanza, "retry");
  std::vector<Node> content;
  content.push_back(Node("retry", {{"count", std::to_string(count)},
                                   {"id", stanza.text("id")},
                                   {"t", stanza.text("t")},
                                   {"v", "1"}}));
  content.push_back(registration_node(identity.registration_id));
  if (count > 1) {
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
