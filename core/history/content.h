// What a Message says: the one mapping from WhatsApp's content to the inbox's, used for
// history and for realtime alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "inbox/message.h"
#include "inbox/sealed.h"

namespace wasync {

namespace pb {
class Message;
class MessageKey;
}  // namespace pb

// Kinds beyond those the Inbox draws specially; it shows their body.
namespace message_type {
inline constexpr std::string_view kInvite = "invite";    // to a group or a channel
inline constexpr std::string_view kProduct = "product";  // of a catalogue
inline constexpr std::string_view kOrder = "order";
inline constexpr std::string_view kPayment = "payment";
}  // namespace message_type

// Something a person sees in the chat.
struct Content {
  std::string_view type = message_type::kText;
  std::optional<std::string> body{};
  std::optional<Media> media{};
  std::optional<Quoted> quoted{};
  std::optional<std::uint32_t> unknown_field{};  // with type "unknown": the protobuf field number
  bool view_once = false;
  Bytes secret{};  // opens what others seal for it, as told; empty: not told
  std::optional<MediaFacts> media_facts{};
  std::vector<PollOption> poll_options{};
};

// Things said about another message. `target` is as the sender named it: from_me is from the
// sender's point of view.
struct ReactionTo {
  MessageKey target;
  std::string emoji;  // empty takes the reaction back
  UnixSeconds at;
};
struct EditOf {
  MessageKey target;
  Content content;
  UnixSeconds at;
};
struct RevocationOf {
  MessageKey target;
};
struct PollOptionFor {
  MessageKey target;
  std::string name;
};
// What only the target's secret opens.
struct SealedFor {
  SealedKind kind;
  MessageKey target;
  Bytes payload;
  Bytes iv;
  UnixSeconds at;
};

// Key distribution, settings, sync traffic: it makes neither a message nor a thread.
struct NothingToShow {};

using Meaning = std::variant<NothingToShow, Content, ReactionTo, EditOf, RevocationOf,
                             PollOptionFor, SealedFor>;

// Unwraps and maps; never fails. Bodies and captions come out as sent: the inbox repairs and
// bounds what it stores.
Meaning meaning_of(const pb::Message& message);

// A call as a message of its chat: "Missed voice call" or "Video call".
Content call_content(bool missed, bool video);

// The key as a value, nothing normalised.
MessageKey key_from(const pb::MessageKey& key);

// The part of a message that is sealed; nothing when none is.
std::optional<SealedFor> sealed_in(const pb::Message& message);

// Moves the content into the message's fields.
void set_content(Message& message, Content content);

// Seconds from a timestamp of a peer, which may be milliseconds or microseconds by mistake.
// Unknown (zero) when it lies before WhatsApp existed or more than two days after `now`.
UnixSeconds plausible_time(std::uint64_t raw, UnixSeconds now);

}  // namespace wasync
