#include "history/web_message.h"

#include <algorithm>
#include <array>

#include "history/conversation.h"
#include "inbox/answers.h"
#include "proto/web_message.pb.h"

namespace wasync {
namespace {

// WebMessageInfo.message_stub_type. Numbers from WhatsApp's own enumeration, as both
// reference implementations list it.
enum StubType : std::int32_t {
  kStubRevoke = 1,
  kStubCiphertext = 2,
  kStubMissedVoice = 40,
  kStubMissedVideo = 41,
  kStubMissedGroupVoice = 45,
  kStubMissedGroupVideo = 46,
  kStubBusinessOnFacebook = 128,  // parameter 0 is the verified name
  kStubBusinessOnProvider = 129,  // the same
  kStubAdminRevoke = 132,
  kStubSilencedVoice = 169,
  kStubSilencedVideo = 170,
};

constexpr std::size_t kMaxIdLength = 4096;

UnixSeconds time_of(const pb::WebMessageInfo& info, const MessageContext& context) {
  if (const auto sent = plausible_time(info.message_timestamp(), context.now); sent.known()) {
    return sent;
  }
  if (const auto sent = plausible_time(info.message_c2s_timestamp(), context.now); sent.known()) {
    return sent;
  }
  return context.fallback_time;
}

DeliveryStatus status_of(const pb::WebMessageInfo& info) {
  if (!info.key().from_me()) return DeliveryStatus::kDelivered;
  if (!info.has_status()) return DeliveryStatus::kSent;
  switch (info.status()) {
    case pb::WebMessageInfo::STATUS_ERROR: return DeliveryStatus::kError;
    case pb::WebMessageInfo::STATUS_PENDING: return DeliveryStatus::kPending;
    case pb::WebMessageInfo::STATUS_SERVER_ACK: return DeliveryStatus::kSent;
    case pb::WebMessageInfo::STATUS_DELIVERY_ACK: return DeliveryStatus::kDelivered;
    case pb::WebMessageInfo::STATUS_READ:
    case pb::WebMessageInfo::STATUS_PLAYED: return DeliveryStatus::kRead;
  }
  return DeliveryStatus::kUnknown;
}

// The reaction's own key names who reacted.
Jid reactor_of(const pb::MessageKey& key, const MessageContext& context) {
  if (key.from_me()) return context.own.phone;
  if (Jid by = bare_jid(key.participant()); !by.empty()) return by;
  return context.chat.is_person() ? context.chat : Jid{};
}

void add_reactions(Message& message, const pb::WebMessageInfo& info,
                   const MessageContext& context) {
  const auto add = [&](const pb::MessageKey& key, const std::string& emoji) {
    if (emoji.empty()) return;
    const Jid by = reactor_of(key, context);
    if (!by.empty()) message.reactions[by.to_string()] = emoji;
  };
  for (const pb::Reaction& reaction : info.reactions()) add(reaction.key(), reaction.text());
  // The newer place for them.
  for (const pb::MessageAddOn& add_on : info.message_add_ons()) {
    add(add_on.message_add_on_key(), add_on.message_add_on().reaction().text());
  }
}

// Votes and answers that the phone has opened.
void add_answers(Message& message, const pb::WebMessageInfo& info, const MessageContext& context) {
  const auto add = [&](const pb::MessageKey& key, std::string picks, std::int64_t at_ms) {
    const Jid by = reactor_of(key, context);
    if (by.empty()) return;
    const auto at = plausible_time(at_ms > 0 ? static_cast<std::uint64_t>(at_ms) : 0, context.now);
    message.answers[by.to_string()] = {.picks = std::move(picks), .at = at};
  };
  for (const pb::PollUpdate& update : info.poll_updates()) {
    add(update.poll_update_message_key(), picks_of(update.vote()), update.sender_timestamp_ms());
  }
  for (const pb::EventResponse& response : info.event_responses()) {
    const pb::EventResponseMessage& answer = response.event_response_message();
    add(response.event_response_message_key(), picks_of(answer),
        answer.timestamp_ms() > 0 ? answer.timestamp_ms() : response.timestamp_ms());
  }
}

// All but the content.
Message envelope(const pb::WebMessageInfo& info, const MessageContext& context) {
  Message out;
  out.key = key_from(info.key());
  if (out.key.remote_jid.empty()) out.key.remote_jid = context.chat.to_string();
  if (out.key.participant.empty() && !context.chat.is_person()) {
    out.key.participant = info.participant();
  }
  out.chat = context.chat;
  out.sender = author_of(info, context.chat);
  if (!out.key.from_me) out.sender_name = info.push_name();
  out.sent_at = time_of(info, context);
  out.status = status_of(info);
  out.source = context.source;
  add_reactions(out, info, context);
  add_answers(out, info, context);
  return out;
}

HistoryEntry stub_entry(const pb::WebMessageInfo& info, const MessageContext& context) {
  const auto missed_call = [&](bool video) {
    Message message = envelope(info, context);
    set_content(message, call_content(true, video));
    return message;
  };
  switch (info.message_stub_type()) {
    case kStubRevoke:
    case kStubAdminRevoke: {
      Message message = envelope(info, context);
      const auto at = plausible_time(info.revoke_message_timestamp(), context.now);
      message.deleted_at = at.known() ? at : message.sent_at;
      return message;
    }
    // The phone could not decrypt it either, so far.
    case kStubCiphertext: {
      Message message = envelope(info, context);
      message.type = message_type::kUndecryptable;
      return message;
    }
    case kStubMissedVoice:
    case kStubMissedGroupVoice:
    case kStubSilencedVoice: return missed_call(false);
    case kStubMissedVideo:
    case kStubMissedGroupVideo:
    case kStubSilencedVideo: return missed_call(true);
    case kStubBusinessOnFacebook:
    case kStubBusinessOnProvider: {
      if (info.message_stub_parameters().empty()) return Notice{};
      Jid jid = bare_jid(info.key().participant());
      if (jid.empty()) jid = context.chat;
      return VerifiedName{.jid = std::move(jid), .name = info.message_stub_parameters(0)};
    }
    default: return Notice{};
  }
}

// In history, an edit under the edited message's own key is the edited message itself.
HistoryEntry edit_entry(EditOf edit, Message message, const MessageContext& context) {
  if (edit.target.id.empty() || edit.target.id == message.key.id) {
    message.edited_at = edit.at.known() ? edit.at : message.sent_at;
    set_content(message, std::move(edit.content));
    return message;
  }
  return Edit{.chat = context.chat,
              .target = from_our_view(std::move(edit.target), message.sender, context.own),
              .by = message.sender,
              .body = std::move(edit.content.body),
              .at = edit.at.known() ? edit.at : message.sent_at,
              .poll_options = std::move(edit.content.poll_options),
              .media_facts = std::move(edit.content.media_facts)};
}

struct EntryOf {
  const MessageContext& context;
  Message message;  // the envelope

  HistoryEntry operator()(NothingToShow nothing) const { return nothing; }
  HistoryEntry operator()(Content content) {
    set_content(message, std::move(content));
    return std::move(message);
  }
  HistoryEntry operator()(ReactionTo reaction) const {
    return Reaction{
        .chat = context.chat,
        .target = from_our_view(std::move(reaction.target), message.sender, context.own),
        .by = message.sender,
        .emoji = std::move(reaction.emoji),
        .at = reaction.at.known() ? reaction.at : message.sent_at};
  }
  HistoryEntry operator()(EditOf edit) {
    return edit_entry(std::move(edit), std::move(message), context);
  }
  HistoryEntry operator()(RevocationOf revocation) const {
    return Revoke{
        .chat = context.chat,
        .target = from_our_view(std::move(revocation.target), message.sender, context.own),
        .by = message.sender,
        // Our phone keeps only revocations that it has allowed.
        .by_admin = context.chat.is_group(),
        .at = message.sent_at};
  }
  HistoryEntry operator()(PollOptionFor added) const {
    return AddedOption{
        .chat = context.chat,
        .target = from_our_view(std::move(added.target), message.sender, context.own),
        .by = message.sender,
        .name = std::move(added.name),
        .at = message.sent_at};
  }
  HistoryEntry operator()(SealedFor told) {
    Sealed sealed = sealed_from(std::move(told), context.chat, std::move(message.key),
                                message.sender, context.own);
    if (!sealed.at.known()) sealed.at = message.sent_at;
    sealed.sender_name = std::move(message.sender_name);
    sealed.source = context.source;
    return sealed;
  }
};

// A notice has no content of its own. If a peer sent both, the content wins.
HistoryEntry content_or_notice(const pb::WebMessageInfo& info, const MessageContext& context) {
  if (!info.has_message()) return stub_entry(info, context);
  Meaning meaning = meaning_of(info.message());
  if (std::holds_alternative<NothingToShow>(meaning)) return NothingToShow{};
  HistoryEntry entry = std::visit(EntryOf{context, envelope(info, context)}, std::move(meaning));
  Message* message = std::get_if<Message>(&entry);
  if (message != nullptr && message->secret.empty()) {
    message->secret = to_bytes(info.message_secret());
  }
  return entry;
}

}  // namespace

// In groups and broadcasts, one of two fields has the author.
Jid author_of(const pb::WebMessageInfo& info, const Jid& chat) {
  if (info.key().from_me()) return {};
  if (chat.is_person()) return chat;
  const Jid sender = bare_jid(info.participant());
  return sender.empty() ? bare_jid(info.key().participant()) : sender;
}

HistoryEntry read_web_message(const pb::WebMessageInfo& info, const MessageContext& context) {
  const std::string& id = info.key().id();
  if (id.empty() || id.size() > kMaxIdLength) return Unusable{};
  HistoryEntry entry = content_or_notice(info, context);
  // The Inbox orders by time and does not show a message without one.
  const Message* message = std::get_if<Message>(&entry);
  if (message != nullptr && !message->sent_at.known()) return Unusable{};
  return entry;
}

Sealed sealed_from(SealedFor told, const Jid& chat, MessageKey key, const Jid& by,
                   const OwnIdentity& own) {
  return {.kind = told.kind,
          .chat = chat,
          .key = std::move(key),
          .target = from_our_view(std::move(told.target), by, own),
          .by = by,
          .at = told.at,
          .payload = std::move(told.payload),
          .iv = std::move(told.iv)};
}

std::string picks_of(const pb::PollVoteMessage& vote) {
  constexpr std::size_t kHashBytes = 32;
  std::string out;
  for (const std::string& hash : vote.selected_options()) {
    if (hash.size() != kHashBytes) continue;
    out += (out.empty() ? "" : " ") + poll_option_id_of_hash(as_bytes(hash));
  }
  return out;
}

std::string picks_of(const pb::EventResponseMessage& answer) {
  switch (answer.response()) {
    case pb::EventResponseMessage::RESPONSE_GOING: return std::string(event_answer::kGoing);
    case pb::EventResponseMessage::RESPONSE_NOT_GOING: return std::string(event_answer::kNotGoing);
    case pb::EventResponseMessage::RESPONSE_MAYBE: return std::string(event_answer::kMaybe);
    default: return {};
  }
}

std::vector<Sealed> sealed_beside(const pb::WebMessageInfo& info, const MessageContext& context) {
  std::vector<Sealed> out;
  for (const pb::MessageAddOn& beside : info.message_add_ons()) {
    std::optional<SealedFor> told = sealed_in(beside.message_add_on());
    if (!told) continue;
    Jid by = reactor_of(beside.message_add_on_key(), context);
    if (by.empty()) continue;
    if (context.own.is(by)) by = {};
    if (!told->at.known()) {
      const std::int64_t ms = beside.sender_timestamp_ms();
      told->at = plausible_time(ms > 0 ? static_cast<std::uint64_t>(ms) : 0, context.now);
    }
    Sealed sealed = sealed_from(*std::move(told), context.chat,
                                key_from(beside.message_add_on_key()), by, context.own);
    sealed.target = key_from(info.key());
    if (sealed.target.participant.empty()) sealed.target.participant = info.participant();
    sealed.source = context.source;
    out.push_back(std::move(sealed));
  }
  return out;
}

MessageKey from_our_view(MessageKey target, const Jid& by, const OwnIdentity& own) {
  if (by.empty() || own.is(by)) return target;
  if (target.from_me) {
    target.from_me = false;
    target.participant = by.to_string();
    return target;
  }
  // The target is not the sender's own message. It is ours if the key names us: as the author in a
  // group, otherwise as the chat.
  const Jid author = bare_jid(target.participant.empty() ? target.remote_jid : target.participant);
  target.from_me = own.is(author);
  return target;
}

}  // namespace wasync
