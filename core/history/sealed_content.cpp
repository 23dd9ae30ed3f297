#include "history/sealed_content.h"

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "base/crypto.h"
#include "history/content.h"
#include "history/web_message.h"
#include "inbox/store.h"
#include "proto/message.pb.h"
#include "proto/message_add_on.pb.h"

namespace wasync {
namespace {

constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kKeyBytes = 32;
constexpr std::uint32_t kCommentField = 71;  // of Message

// What the key is made for. Of some kinds clients disagree: then the likelier one is first.
std::array<std::string_view, 2> use_cases(SealedKind kind) {
  switch (kind) {
    case SealedKind::kEdit: return {"Message Edit"};
    case SealedKind::kEventEdit: return {"Event Edit"};
    case SealedKind::kPollEdit: return {"Poll Edit"};
    case SealedKind::kPollOption: return {"Poll Add Option", "Poll Edit"};
    case SealedKind::kPollVote: return {"Poll Vote"};
    case SealedKind::kReaction: return {"Enc Reaction"};
    case SealedKind::kComment: return {"Enc Comment"};
    case SealedKind::kEventAnswer: return {"Event Response"};
    case SealedKind::kOther:
    case SealedKind::kSecret: break;
  }
  return {};
}

bool is_well_formed(const Sealed& sealed) {
  return !use_cases(sealed.kind).front().empty() && !sealed.target.id.empty() &&
         sealed.iv.size() == kIvBytes && sealed.payload.size() > kTagBytes &&
         sealed.payload.size() <= kMaxSealedBytes;
}

template <typename Protobuf>
std::optional<Protobuf> parsed(const Bytes& bytes) {
  Protobuf out;
  if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return out;
}

// What came of it; nothing: its plaintext is not what it should be.
using Stored = std::optional<Amend>;

Stored store_edit(const Sealed& sealed, const Bytes& plaintext, InboxWriter& inbox) {
  const auto message = parsed<pb::Message>(plaintext);
  if (!message) return std::nullopt;
  Meaning meaning = meaning_of(*message);
  EditOf* edit = std::get_if<EditOf>(&meaning);
  Content* content = edit != nullptr ? &edit->content : std::get_if<Content>(&meaning);
  if (content == nullptr || content->unknown_field) return std::nullopt;
  return inbox.put_edit({.chat = sealed.chat,
                         .target = sealed.target,
                         .by = sealed.by,
                         .body = std::move(content->body),
                         .at = edit != nullptr && edit->at.known() ? edit->at : sealed.at,
                         .poll_options = std::move(content->poll_options),
                         .media_facts = std::move(content->media_facts)});
}

Stored store_option(const Sealed& sealed, const Bytes& plaintext, InboxWriter& inbox) {
  const auto message = parsed<pb::Message>(plaintext);
  if (!message || !message->poll_add_option().has_add_option()) return std::nullopt;
  return inbox.put_poll_option({.chat = sealed.chat,
                                .target = sealed.target,
                                .by = sealed.by,
                                .name = message->poll_add_option().add_option().option_name(),
                                .at = sealed.at});
}

Stored store_answer(const Sealed& sealed, std::string picks, InboxWriter& inbox) {
  return inbox.put_answer({.chat = sealed.chat,
                           .target = sealed.target,
                           .by = sealed.by,
                           .picks = std::move(picks),
                           .at = sealed.at});
}

Stored store_reaction(const Sealed& sealed, const Bytes& plaintext, InboxWriter& inbox) {
  const auto reaction = parsed<pb::ReactionMessage>(plaintext);
  if (!reaction) return std::nullopt;
  return inbox.put_reaction({.chat = sealed.chat,
                             .target = sealed.target,
                             .by = sealed.by,
                             .emoji = reaction->text(),
                             .at = sealed.at});
}

// All but the content.
Message comment_of(const Sealed& sealed) {
  return {.key = sealed.key,
          .chat = sealed.chat,
          .sender = sealed.by,
          .sender_name = sealed.sender_name,
          .sent_at = sealed.at,
          .status = sealed.by.empty() ? DeliveryStatus::kSent : DeliveryStatus::kDelivered,
          .source = sealed.source};
}

// Its text lies in a Message, as whatsmeow has it, or one deeper in a CommentMessage (zapo).
Stored store_comment(const Sealed& sealed, const Bytes& plaintext, const Quoted& quote,
                     InboxWriter& inbox) {
  const auto deeper = parsed<pb::CommentMessage>(plaintext);
  const auto message = parsed<pb::Message>(plaintext);
  Meaning meaning;
  if (message) meaning = meaning_of(*message);
  if (deeper && deeper->has_message() && deeper->has_target_message_key()) {
    meaning = meaning_of(deeper->message());
  }
  Content* content = std::get_if<Content>(&meaning);
  if (content == nullptr || content->unknown_field) return std::nullopt;
  content->quoted = quote;
  Message comment = comment_of(sealed);
  set_content(comment, std::move(*content));
  inbox.put_message(std::move(comment));
  return Amend::kApplied;
}

Stored store_plaintext(const Sealed& told, const Seal& seal, const Bytes& plaintext,
                       InboxWriter& inbox) {
  Sealed sealed = told;
  sealed.target = seal.target;
  switch (sealed.kind) {
    case SealedKind::kEdit:
    case SealedKind::kEventEdit:
    case SealedKind::kPollEdit: return store_edit(sealed, plaintext, inbox);
    case SealedKind::kPollOption: return store_option(sealed, plaintext, inbox);
    case SealedKind::kReaction: return store_reaction(sealed, plaintext, inbox);
    case SealedKind::kComment: return store_comment(sealed, plaintext, seal.quote, inbox);
    case SealedKind::kPollVote: {
      const auto vote = parsed<pb::PollVoteMessage>(plaintext);
      if (!vote) return std::nullopt;
      return store_answer(sealed, picks_of(*vote), inbox);
    }
    case SealedKind::kEventAnswer: {
      const auto answer = parsed<pb::EventResponseMessage>(plaintext);
      if (!answer) return std::nullopt;
      return store_answer(sealed, picks_of(*answer), inbox);
    }
    case SealedKind::kOther:
    case SealedKind::kSecret: break;
  }
  return std::nullopt;
}

void leave_unopened(const Sealed& sealed, Unopened why, InboxWriter& inbox) {
  inbox.put_unopened(sealed, why);
  if (sealed.kind != SealedKind::kComment) return;
  Message unknown = comment_of(sealed);
  unknown.type = message_type::kUnknown;
  unknown.unknown_field = kCommentField;
  inbox.put_message(std::move(unknown));
}

}  // namespace

std::optional<Bytes> opened(const Sealed& sealed, const Seal& seal) {
  const bool binds_sender =
      sealed.kind == SealedKind::kPollVote || sealed.kind == SealedKind::kEventAnswer;
  const std::string& id = seal.target.id;
  for (const std::string_view use_case : use_cases(sealed.kind)) {
    if (use_case.empty()) continue;
    for (const std::string& author : seal.authors) {
      for (const std::string& sender : seal.senders) {
        const Bytes key = hkdf_sha256(
            seal.secret, {}, as_bytes(id + author + sender + std::string(use_case)), kKeyBytes);
        const std::string bound = binds_sender ? id + '\0' + sender : std::string();
        if (auto plaintext = aes_gcm_decrypt(key, sealed.iv, sealed.payload, as_bytes(bound))) {
          return plaintext;
        }
      }
    }
  }
  return std::nullopt;
}

void store_sealed(const Sealed& sealed, InboxWriter& inbox) {
  if (!is_well_formed(sealed)) return leave_unopened(sealed, Unopened::kMalformed, inbox);
  const auto found = inbox.seal_of(sealed);
  if (const Unopened* why = std::get_if<Unopened>(&found)) {
    return leave_unopened(sealed, *why, inbox);
  }
  const Seal* seal = std::get_if<Seal>(&found);
  if (seal == nullptr) return;
  const auto plaintext = opened(sealed, *seal);
  if (!plaintext) return leave_unopened(sealed, Unopened::kWrongKey, inbox);
  const Stored stored = store_plaintext(sealed, *seal, *plaintext, inbox);
  if (!stored) return leave_unopened(sealed, Unopened::kMalformed, inbox);
  if (*stored == Amend::kNotAllowed) inbox.put_unopened(sealed, Unopened::kNotAllowed);
}

void open_kept(InboxWriter& inbox) {
  // A comment may be what others are sealed for.
  for (auto kept = inbox.take_openable(); !kept.empty(); kept = inbox.take_openable()) {
    for (const Sealed& sealed : kept) store_sealed(sealed, inbox);
  }
}

}  // namespace wasync
