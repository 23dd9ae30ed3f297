#include "session/receive/message_receiver.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "history/web_message.h"
#include "inbox/history_queue.h"
#include "inbox/store.h"
#include "proto/lid_migration.pb.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "session/app_state/keys.h"
#include "session/connection/receipt.h"
#include "session/receive/realtime.h"
#include "session/receive/signal_peer.h"
#include "session/receive/stanza_group.h"
#include "signal/cipher.h"
#include "signal/padding.h"
#include "signal/store.h"

namespace wasync {
namespace {

constexpr std::string_view kGroupEncType = "skmsg";
constexpr std::string_view kBotEncType = "msmsg";
constexpr std::string_view kNoPushName = "-";

// The message for us is inside when another device of ours wrote it.
const pb::Message& without_device_sent(const pb::Message& message) {
  return message.has_device_sent_message() && message.device_sent_message().has_message()
             ? message.device_sent_message().message()
             : message;
}

// A channel's posts are not encrypted at all. What the server has no content of (view once, for a
// device it does not trust with that) it announces.
bool lacks_content(const Node& stanza, const IncomingMessage& message) {
  return !message.chat.is(jid_server::kNewsletter) && stanza.child("plaintext") == nullptr;
}

}  // namespace

MessageReceiver::Outcome MessageReceiver::receive(const Node& stanza) {
  Outcome outcome;
  StanzaGroup group(store_);
  receive(stanza, group, outcome);
  group.commit();
  return outcome;
}

void MessageReceiver::receive(const Node& stanza, StanzaGroup& group, Outcome& outcome) {
  ++counts_.received;
  const auto message = parse_incoming(stanza, device_);
  if (!message) {
    ++counts_.malformed;
    outcome.answers.push_back(ack(stanza, Nack::kParsingError));
    return;
  }
  const auto parts = stanza.children_named("enc");
  if (parts.empty()) {
    if (lacks_content(stanza, *message)) {
      await_content(stanza, *message, "unavailable", group.inbox(), outcome);
    }
    outcome.answers.push_back(ack(stanza));
    return;
  }

  InboxWriter& inbox = group.inbox();
  // Our phone's identity is known from the pairing and stays while the link does. Whoever
  // speaks for it with another one could make us believe any history.
  SignalCipher& cipher = group.cipher(message->from_own_phone() ? IdentityPolicy::kRefuseChanges
                                                                : IdentityPolicy::kAcceptChanges);
  learn_addresses(*message, inbox);
  Trouble trouble;
  for (const Node* enc : parts) receive_part(*message, *enc, cipher, inbox, outcome, trouble);
  answer(stanza, *message, trouble, inbox, outcome);
  if (trouble.decrypted && (trouble.told || !trouble.undecryptable)) {
    content_came(*message, inbox);
  }
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
  if (!message.from_me && !message.push_name.empty() && message.push_name != kNoPushName) {
    inbox.put_push_name(message.sender.bare(), message.push_name);
  }
}

void MessageReceiver::receive_part(const IncomingMessage& message, const Node& enc,
                                   SignalCipher& cipher, InboxWriter& inbox, Outcome& outcome,
                                   Trouble& trouble) {
  const std::string type = enc.text("type");
  const SignalAddress sender = signal_peer(store_, device_, message.sender, message.sender_alt);
  const bool by_sender_key = type == kGroupEncType && message.group;
  Decrypted decrypted;
  if (const auto pairwise = enc_type_from(type)) {
    decrypted = cipher.decrypt(sender, *pairwise, enc.bytes());
  } else if (by_sender_key) {
    decrypted = cipher.group_decrypt(message.chat, sender, enc.bytes());
  } else {
    ++counts_.malformed;
    trouble.nack =
        type == kBotEncType ? Nack::kMissingMessageSecret : Nack::kUnrecognizedStanzaType;
    return;
  }
  if (!decrypted) {
    if (decrypted.failure == SignalFailure::kDuplicate) return;
    ++counts_.undecryptable;
    log::warn("a message from {} could not be decrypted: {}", message.sender.to_string(),
              name(*decrypted.failure));
    trouble.undecryptable = name(*decrypted.failure);
    trouble.keys_wanted |= by_sender_key && decrypted.failure == SignalFailure::kNoSession;
    return;
  }

  const BytesView padded(*decrypted.plaintext);
  const auto plaintext = enc.text("v") == "3" ? std::optional(padded) : unpad(padded);
  pb::Message content;
  if (!plaintext ||
      !content.ParseFromArray(plaintext->data(), static_cast<int>(plaintext->size()))) {
    ++counts_.malformed;
    trouble.nack = Nack::kInvalidProtobuf;
    return;
  }
  trouble.decrypted = true;
  trouble.told = take_content(message, content, cipher, inbox, outcome) || trouble.told;
}

bool MessageReceiver::take_content(const IncomingMessage& message, const pb::Message& content,
                                   SignalCipher& cipher, InboxWriter& inbox, Outcome& outcome) {
  const pb::Message& own_copy = without_device_sent(content);
  if (message.group && own_copy.has_sender_key_distribution_message()) {
    const SignalAddress sender = signal_peer(store_, device_, message.sender, message.sender_alt);
    const auto& distribution = own_copy.sender_key_distribution_message();
    if (const auto failure = cipher.process_sender_key_distribution(
            message.chat, sender,
            as_bytes(distribution.axolotl_sender_key_distribution_message()))) {
      log::warn("a sender key from {} is unusable: {}", message.sender.to_string(), name(*failure));
    }
  }
  if (own_copy.has_protocol_message()) handle_protocol(message, own_copy, inbox, outcome);
  if (message.category == kPeerCategory) return false;
  const OwnIdentity own{.phone = device_.jid.bare(), .lid = device_.lid.bare()};
  const bool stored = store_realtime(message, content, own, inbox);
  if (stored) ++outcome.stored;
  return stored;
}

void MessageReceiver::handle_protocol(const IncomingMessage& message, const pb::Message& content,
                                      InboxWriter& inbox, Outcome& outcome) {
  const auto& protocol = content.protocol_message();
  const bool self_only = protocol.has_history_sync_notification() ||
                         protocol.has_app_state_sync_key_share() ||
                         protocol.has_lid_migration_mapping_sync_message() ||
                         protocol.has_peer_data_operation_request_response_message();
  if (!self_only) return;
  if (!message.from_own_phone() || message.group) {
    ++counts_.spoofed;
    log::warn("{} sent a message that only our own phone may send: dropped",
              message.sender.to_string());
    return;
  }
  if (protocol.has_history_sync_notification()) queue_history(message, content, outcome);
  if (protocol.has_app_state_sync_key_share() &&
      store_app_state_keys(store_.database(), protocol.app_state_sync_key_share()) > 0) {
    outcome.app_state_news = true;
  }
  if (protocol.has_peer_data_operation_request_response_message()) {
    take_resent(protocol.peer_data_operation_request_response_message(), inbox, outcome);
  }
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
                   .progress = static_cast<int>(std::min(notification.progress(), 100U)),
                   .notification = to_bytes(notification.SerializeAsString()),
                   .message_id = message.id,
                   .dedupe_key = notification.file_enc_sha256().empty()
                                     ? message.id
                                     : hex_encode(as_bytes(notification.file_enc_sha256())),
                   .request_id = notification.peer_data_request_session_id()};
  outcome.history_queued =
      HistoryQueue(store_.database()).add(item).has_value() || outcome.history_queued;
}

void MessageReceiver::answer(const Node& stanza, const IncomingMessage& message,
                             const Trouble& trouble, InboxWriter& inbox, Outcome& outcome) {
  if (trouble.undecryptable) {
    ask_again(stanza, message, trouble, inbox, outcome);
    outcome.answers.push_back(ack(stanza));
  } else if (trouble.nack) {
    outcome.answers.push_back(ack(stanza, trouble.nack));
  } else if (!message.from_me) {
    outcome.answers.push_back(receipt(stanza, "inactive"));
  } else {
    outcome.answers.push_back(
        receipt(stanza, message.category == kPeerCategory ? "peer_msg" : "sender"));
  }
}

}  // namespace wasync
