#include "session/receive/message_stanza.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/log.h"
#include "inbox/history_queue.h"
#include "inbox/ids.h"
#include "proto/lid_migration.pb.h"
#include "proto/message.pb.h"
#include "proto/peer_message.pb.h"
#include "session/app_state/keys.h"
#include "session/app_state/recovery.h"
#include "session/connection/receipt.h"
#include "session/receive/incoming_message.h"
#include "session/receive/message_decryption.h"
#include "session/receive/message_retry.h"
#include "session/receive/placeholder_resend.h"
#include "session/receive/realtime.h"

namespace wasync {
namespace {

constexpr std::string_view kBotAnswer = "Answer of a bot, shown on the phone only";

// What the parts of one stanza came to; decides the answer.
struct Parts {
  std::optional<Undecrypted> undecrypted{};  // the last of them
  bool decrypted = false;
  bool told = false;  // and something of it reached the inbox
  bool of_bot = false;
  std::optional<Nack> nack{};
};

// The message for us is inside when another device of ours wrote it.
const pb::Message& without_device_sent(const pb::Message& message) {
  return message.has_device_sent_message() && message.device_sent_message().has_message()
             ? message.device_sent_message().message()
             : message;
}

void learn_addresses(const IncomingMessage& message, InboxWriter& inbox) {
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
  for (const LidMapping& each : message.recipients) learn(each.lid, each.phone);
  if (!message.from_me && !message.push_name.empty()) {
    inbox.put_push_name(message.sender.bare(), message.push_name);
  }
}

// What an <unavailable> stanza announces that will never come: WhatsApp gives it to no linked
// device, and the phone refuses, too. Nothing when the phone may have it. Facts: zapo
// WaRetryCoordinator, whatsapp-rust receive.rs (as WhatsApp Web tells them apart).
std::optional<std::string_view> withheld_kind(const Node& stanza) {
  const Node* unavailable = stanza.child("unavailable");
  if (unavailable == nullptr) return std::nullopt;
  const std::string type = unavailable->text("type");
  const std::string hosted = unavailable->text("hosted");
  if (stanza.child("bot") != nullptr || type == "bot") return kBotAnswer;
  if (hosted == "true" || hosted == "1" || type == "hosted") {
    return "Message of a business account, shown on the phone only";
  }
  if (type == "view_once") return "View once message, shown on the phone only";
  return std::nullopt;
}

// A channel's posts are not encrypted at all, and make no conversation.
void take_without_content(const Node& stanza, const IncomingMessage& message, StanzaGroup& group) {
  if (stanza.child("plaintext") != nullptr || !takes_messages(message.chat)) return;
  learn_addresses(message, group.inbox());
  if (const auto kind = withheld_kind(stanza)) {
    if (store_withheld(message, *kind, group.inbox())) ++group.outcome.stored;
    content_came(message, group);
  } else {
    await_content(stanza, message, "unavailable", group);
  }
}

void queue_history(const IncomingMessage& message, const pb::HistorySyncNotification& notification,
                   StanzaGroup& group) {
  const std::string& hash = notification.file_enc_sha256();
  HistoryItem item{.received_at = UnixSeconds::now(),
                   .type = static_cast<int>(notification.sync_type()),
                   .chunk_order = static_cast<int>(notification.chunk_order()),
                   .progress = static_cast<int>(std::min(notification.progress(), 100U)),
                   .notification = to_bytes(notification.SerializeAsString()),
                   .message_id = message.id,
                   .dedupe_key = hash.empty() ? message.id : hex_encode(as_bytes(hash)),
                   .request_id = notification.peer_data_request_session_id()};
  if (HistoryQueue(group.database()).add(item)) group.outcome.history_queued = true;
}

void learn_lid_mappings(const std::string& encoded, InboxWriter& inbox) {
  pb::LidMigrationMappingSyncPayload payload;
  if (!payload.ParseFromString(encoded)) return;
  for (const auto& mapping : payload.pn_to_lid_mappings()) {
    inbox.put_lid_mapping({.lid = {.user = std::to_string(mapping.assigned_lid()),
                                   .server = std::string(jid_server::kLid)},
                           .phone = {.user = std::to_string(mapping.pn()),
                                     .server = std::string(jid_server::kUser)}});
  }
}

// What only our own phone may say.
void take_self_only(const IncomingMessage& message, const pb::ProtocolMessage& protocol,
                    StanzaGroup& group, MessageCounts& counts) {
  const bool self_only = protocol.has_history_sync_notification() ||
                         protocol.has_app_state_sync_key_share() ||
                         protocol.has_lid_migration_mapping_sync_message() ||
                         protocol.has_peer_data_operation_request_response_message();
  if (!self_only) return;
  if (!message.from_own_phone || message.group) {
    ++counts.spoofed;
    log::warn("{} sent a message that only our own phone may send: dropped",
              message.sender.to_string());
    return;
  }
  if (protocol.has_history_sync_notification()) {
    queue_history(message, protocol.history_sync_notification(), group);
  }
  if (protocol.has_app_state_sync_key_share() &&
      store_app_state_keys(group.database(), protocol.app_state_sync_key_share()) > 0) {
    group.outcome.app_state_news = true;
  }
  if (protocol.has_peer_data_operation_request_response_message()) {
    const auto& response = protocol.peer_data_operation_request_response_message();
    counts.malformed += take_resent(response, group);
    if (take_recovery(response, group.database(), group.inbox())) {
      group.outcome.app_state_news = true;
    }
  }
  if (protocol.has_lid_migration_mapping_sync_message()) {
    learn_lid_mappings(protocol.lid_migration_mapping_sync_message().encoded_mapping_payload(),
                       group.inbox());
  }
}

// Returns whether it reached the inbox.
bool take_content(const IncomingMessage& message, const pb::Message& content, StanzaGroup& group,
                  MessageCounts& counts) {
  const pb::Message& own_copy = without_device_sent(content);
  take_sender_key(message, own_copy, group);
  if (own_copy.has_protocol_message()) {
    take_self_only(message, own_copy.protocol_message(), group, counts);
  }
  if (message.category == kPeerCategory) return false;
  const bool stored = store_realtime(message, content, group.own(), group.inbox());
  if (stored) ++group.outcome.stored;
  return stored;
}

void take_part(const IncomingMessage& message, const Node& enc, StanzaGroup& group,
               MessageCounts& counts, Parts& parts) {
  const DecryptedPart part = decrypt_part(message, enc, group);
  if (part.content) {
    parts.decrypted = true;
    parts.told = take_content(message, *part.content, group, counts) || parts.told;
  } else if (part.failure) {
    ++counts.undecryptable;
    const bool keys_wanted =
        part.keys_wanted || (parts.undecrypted && parts.undecrypted->keys_wanted);
    parts.undecrypted = Undecrypted{.failure = name(*part.failure), .keys_wanted = keys_wanted};
  } else if (part.of_bot) {
    parts.of_bot = true;
  } else if (part.nack) {
    ++counts.malformed;
    parts.nack = part.nack;
  }
}

// A bot's answer is written while it is read: the first stanza has its id, the others name that.
// What the answer says is sealed for the device that asked; the conversation shows that it came.
void show_bot_answer(const Node& stanza, IncomingMessage message, StanzaGroup& group) {
  const Node* bot = stanza.child("bot");
  const std::string first = bot != nullptr ? bot->text("edit_target_id") : std::string();
  if (!first.empty() && first.size() <= kLongestMessageId) message.id = first;
  if (store_withheld(message, kBotAnswer, group.inbox())) ++group.outcome.stored;
}

void answer(const Node& stanza, const IncomingMessage& message, const Parts& parts,
            StanzaGroup& group) {
  std::vector<Node>& answers = group.outcome.answers;
  if (parts.undecrypted) {
    auto retry = ask_again(stanza, message, *parts.undecrypted, parts.told, group);
    const bool asked = retry.has_value();
    if (asked) answers.push_back(*std::move(retry));
    answers.push_back(asked ? ack(stanza) : give_up(stanza, message));
  } else if (parts.nack) {
    answers.push_back(ack(stanza, parts.nack));
  } else if (parts.of_bot && !parts.decrypted) {
    answers.push_back(ack(stanza));
  } else if (!message.from_me) {
    answers.push_back(receipt(stanza, "inactive"));
  } else {
    answers.push_back(receipt(stanza, message.category == kPeerCategory ? "peer_msg" : "sender"));
  }
}

}  // namespace

void take_message(const Node& stanza, StanzaGroup& group, MessageCounts& counts) {
  ++counts.received;
  const auto message = parse_incoming(stanza, group.device());
  if (!message) {
    ++counts.malformed;
    group.outcome.answers.push_back(ack(stanza, Nack::kParsingError));
    return;
  }
  const auto encrypted = stanza.children_named("enc");
  if (encrypted.empty()) {
    take_without_content(stanza, *message, group);
    group.outcome.answers.push_back(give_up(stanza, *message));
    return;
  }
  learn_addresses(*message, group.inbox());
  Parts parts;
  for (const Node* enc : encrypted) take_part(*message, *enc, group, counts, parts);
  if (parts.of_bot && !parts.told) show_bot_answer(stanza, *message, group);
  answer(stanza, *message, parts, group);
  if (parts.decrypted && (parts.told || !parts.undecrypted)) content_came(*message, group);
}

}  // namespace wasync
