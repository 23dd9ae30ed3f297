#include "session/receive/message_decryption.h"

#include "base/log.h"
#include "history/field_count.h"
#include "session/receive/identity_change.h"
#include "session/receive/signal_peer.h"
#include "signal/padding.h"
#include "signal/store.h"

namespace wasync {
namespace {

constexpr std::string_view kGroupEncType = "skmsg";
constexpr std::string_view kBotEncType = "msmsg";

// Our phone's identity is known from the pairing and stays while the link does. Whoever speaks for
// it with another one, from whatever address, could make us believe any history.
SignalCipher& cipher_for(const IncomingMessage& message, StanzaGroup& group) {
  return group.cipher(claims_own_phone(message.sender, group.device())
                          ? IdentityPolicy::kRefuseChanges
                          : IdentityPolicy::kAcceptChanges);
}

// Where a sender key is for; empty in a chat of two.
Jid shared_chat(const IncomingMessage& message) {
  if (!message.list.empty()) return message.list;
  return message.group ? message.chat : Jid{};
}

SignalAddress sender_of(const IncomingMessage& message, StanzaGroup& group) {
  return signal_peer(group.store(), group.device(), message.sender, message.sender_alt);
}

std::optional<pb::Message> parse_padded(BytesView padded, bool has_padding) {
  const auto plaintext = has_padding ? unpad(padded) : std::optional(padded);
  pb::Message content;
  if (!plaintext || !has_few_fields(*plaintext) ||
      !content.ParseFromArray(plaintext->data(), static_cast<int>(plaintext->size()))) {
    return std::nullopt;
  }
  return content;
}

}  // namespace

DecryptedPart decrypt_part(const IncomingMessage& message, const Node& enc, StanzaGroup& group) {
  const std::string type = enc.text("type");
  const SignalAddress sender = sender_of(message, group);
  const bool by_sender_key = type == kGroupEncType && !shared_chat(message).empty();
  Decrypted decrypted;
  if (const auto pairwise = enc_type_from(type)) {
    decrypted = cipher_for(message, group).decrypt(sender, *pairwise, enc.bytes());
  } else if (by_sender_key) {
    decrypted = cipher_for(message, group).group_decrypt(shared_chat(message), sender, enc.bytes());
  } else if (type == kBotEncType) {
    return {.of_bot = true};
  } else {
    return {.nack = Nack::kUnrecognizedStanzaType};
  }
  if (!decrypted) {
    if (decrypted.failure == SignalFailure::kDuplicate) return {};
    log::warn("a message from {} could not be decrypted: {}", message.sender.to_string(),
              name(*decrypted.failure));
    return {.failure = decrypted.failure,
            .keys_wanted = by_sender_key && decrypted.failure == SignalFailure::kNoSession};
  }
  if (decrypted.identity_changed) note_identity_change(message.sender, message.sent_at, group);
  auto content = parse_padded(*decrypted.plaintext, enc.text("v") != "3");
  if (!content) return {.nack = Nack::kInvalidProtobuf};
  return {.content = std::move(content)};
}

void take_sender_key(const IncomingMessage& message, const pb::Message& content,
                     StanzaGroup& group) {
  const Jid chat = shared_chat(message);
  if (chat.empty() || !content.has_sender_key_distribution_message()) return;
  const BytesView distribution =
      as_bytes(content.sender_key_distribution_message().axolotl_sender_key_distribution_message());
  if (const auto failure =
          cipher_for(message, group)
              .process_sender_key_distribution(chat, sender_of(message, group), distribution)) {
    log::warn("a sender key from {} is unusable: {}", message.sender.to_string(), name(*failure));
  }
}

}  // namespace wasync
