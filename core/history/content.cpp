#include "history/content.h"

#include "history/content_kinds.h"
#include "history/unwrap.h"
#include "proto/message.pb.h"

namespace wasync {
namespace {

constexpr std::int64_t kFirstWhatsAppDay = 1'230'768'000;  // 2009-01-01
constexpr std::int64_t kTwoDays = 2 * 24 * 3600;

UnixSeconds time_from_ms(std::int64_t ms) {
  return ms > 0 ? plausible_time(static_cast<std::uint64_t>(ms), UnixSeconds::now())
                : UnixSeconds{};
}

// The new content of a message that is only an edit.
Meaning edit_meaning(const pb::ProtocolMessage& protocol) {
  const Unwrapped inner = unwrap(protocol.edited_message());
  std::optional<Content> content = known_content(*inner.content);
  if (!content) return NothingToShow{};
  content->view_once = inner.view_once;
  return EditOf{.target = key_from(protocol.key()),
                .content = std::move(*content),
                .at = time_from_ms(protocol.timestamp_ms())};
}

Meaning protocol_meaning(const pb::ProtocolMessage& protocol) {
  // A type newer than our list parses as absent, and the default type is a revocation: so an absent
  // type must mean nothing.
  if (!protocol.has_type()) return NothingToShow{};
  switch (protocol.type()) {
    case pb::ProtocolMessage::PROTOCOL_REVOKE:
      return RevocationOf{.target = key_from(protocol.key())};
    case pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT: return edit_meaning(protocol);
    default: return NothingToShow{};
  }
}

SealedKind kind_of(const pb::SecretEncryptedMessage& sealed) {
  switch (sealed.secret_enc_type()) {
    case pb::SecretEncryptedMessage::SECRET_ENC_MESSAGE_EDIT: return SealedKind::kEdit;
    case pb::SecretEncryptedMessage::SECRET_ENC_EVENT_EDIT: return SealedKind::kEventEdit;
    case pb::SecretEncryptedMessage::SECRET_ENC_POLL_EDIT: return SealedKind::kPollEdit;
    case pb::SecretEncryptedMessage::SECRET_ENC_POLL_ADD_OPTION: return SealedKind::kPollOption;
    default: return SealedKind::kOther;
  }
}

template <typename Sealed>
SealedFor sealed_for(SealedKind kind, const pb::MessageKey& target, const Sealed& sealed) {
  return {.kind = kind,
          .target = key_from(target),
          .payload = to_bytes(sealed.enc_payload()),
          .iv = to_bytes(sealed.enc_iv()),
          .at = {}};
}

// A picture or film once more: sharper, in another encoding, or moving. What it belongs to shows
// the same, so it is no message of its own. (The pictures of an album are.) Facts: mautrix
// handlewhatsapp.go; numbers: MessageAssociation.
bool is_another_copy(const pb::MessageContextInfo& context) {
  switch (context.message_association().association_type()) {
    case pb::MessageAssociation::ASSOCIATION_HD_VIDEO_DUAL_UPLOAD:
    case pb::MessageAssociation::ASSOCIATION_HD_IMAGE_DUAL_UPLOAD:
    case pb::MessageAssociation::ASSOCIATION_HEVC_VIDEO_DUAL_UPLOAD:
    case pb::MessageAssociation::ASSOCIATION_MOTION_PHOTO:
      return !context.message_association().parent_message_key().id().empty();
    default: return false;
  }
}

}  // namespace

std::optional<SealedFor> sealed_in(const pb::Message& message) {
  if (message.has_secret_encrypted()) {
    const auto& sealed = message.secret_encrypted();
    return sealed_for(kind_of(sealed), sealed.target_message_key(), sealed);
  }
  if (message.has_enc_reaction()) {
    const auto& sealed = message.enc_reaction();
    return sealed_for(SealedKind::kReaction, sealed.target_message_key(), sealed);
  }
  if (message.has_enc_comment()) {
    const auto& sealed = message.enc_comment();
    return sealed_for(SealedKind::kComment, sealed.target_message_key(), sealed);
  }
  if (message.has_enc_event_response()) {
    const auto& sealed = message.enc_event_response();
    return sealed_for(SealedKind::kEventAnswer, sealed.event_creation_message_key(), sealed);
  }
  if (message.has_poll_update()) {
    const auto& update = message.poll_update();
    SealedFor out =
        sealed_for(SealedKind::kPollVote, update.poll_creation_message_key(), update.vote());
    out.at = time_from_ms(update.sender_timestamp_ms());
    return out;
  }
  return std::nullopt;
}

Meaning meaning_of(const pb::Message& message) {
  const Unwrapped inner = unwrap(message);
  const pb::Message& content = *inner.content;
  if (inner.context != nullptr && is_another_copy(*inner.context)) return NothingToShow{};
  if (std::optional<Content> known = known_content(content)) {
    known->view_once = inner.view_once;
    if (inner.secret != nullptr) known->secret = to_bytes(*inner.secret);
    return std::move(*known);
  }
  if (content.has_protocol_message()) return protocol_meaning(content.protocol_message());
  if (content.has_reaction()) {
    const pb::ReactionMessage& reaction = content.reaction();
    return ReactionTo{.target = key_from(reaction.key()),
                      .emoji = reaction.text(),
                      .at = time_from_ms(reaction.sender_timestamp_ms())};
  }
  if (std::optional<SealedFor> sealed = sealed_in(content)) return *std::move(sealed);
  if (content.has_poll_add_option()) {
    const pb::PollAddOptionMessage& added = content.poll_add_option();
    return PollOptionFor{.target = key_from(added.poll_creation_message_key()),
                         .name = added.add_option().option_name()};
  }
  if (const std::optional<std::uint32_t> field = unmapped_field(content)) {
    return Content{
        .type = message_type::kUnknown, .unknown_field = *field, .view_once = inner.view_once};
  }
  return NothingToShow{};
}

Content call_content(bool missed, bool video) {
  std::string_view body = video ? "Video call" : "Voice call";
  if (missed) body = video ? "Missed video call" : "Missed voice call";
  return {.type = message_type::kCall, .body = std::string(body)};
}

MessageKey key_from(const pb::MessageKey& key) {
  return {.id = key.id(),
          .remote_jid = key.remote_jid(),
          .from_me = key.from_me(),
          .participant = key.participant()};
}

void set_content(Message& message, Content content) {
  message.type = content.type;
  message.body = std::move(content.body);
  message.media = std::move(content.media);
  message.quoted = std::move(content.quoted);
  message.unknown_field = content.unknown_field;
  message.secret = std::move(content.secret);
  message.media_facts = std::move(content.media_facts);
  message.poll_options = std::move(content.poll_options);
}

UnixSeconds plausible_time(std::uint64_t raw, UnixSeconds now) {
  constexpr std::uint64_t kSurelyMs = 100'000'000'000;          // year 5138 in seconds
  constexpr std::uint64_t kSurelyUs = 100'000'000'000'000;      // the same in milliseconds
  constexpr std::uint64_t kNonsense = 100'000'000'000'000'000;  // and in microseconds
  if (raw >= kNonsense) return {};
  if (raw >= kSurelyUs) {
    raw /= 1'000'000;
  } else if (raw >= kSurelyMs) {
    raw /= 1'000;
  }
  const auto seconds = static_cast<std::int64_t>(raw);
  if (seconds < kFirstWhatsAppDay || seconds > now.value + kTwoDays) return {};
  return {seconds};
}

}  // namespace wasync
