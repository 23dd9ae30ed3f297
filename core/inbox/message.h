// The parts of a conversation, free of any wire format: the values that history and realtime hand
// to the inbox store. Field rules: firestore/documents.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/jid.h"

namespace wasync {

enum class Direction { kInbound, kOutbound };
enum class SyncSource { kHistorySync, kRealtime, kBackfill };
// Delivery of our own messages; it only moves forward. Inbound ones are kDelivered.
enum class DeliveryStatus { kUnknown, kError, kPending, kSent, kDelivered, kRead };

// The stable spellings used in SQLite, Firestore and --json.
std::string_view name(Direction direction);
std::string_view name(SyncSource source);
std::string_view name(DeliveryStatus status);

// Kinds of content, by the names that the Inbox uses.
namespace message_type {
inline constexpr std::string_view kText = "text";
inline constexpr std::string_view kImage = "image";
inline constexpr std::string_view kVideo = "video";
inline constexpr std::string_view kAudio = "audio";
inline constexpr std::string_view kDocument = "document";
inline constexpr std::string_view kSticker = "sticker";
inline constexpr std::string_view kLocation = "location";
inline constexpr std::string_view kContact = "contact";
inline constexpr std::string_view kPoll = "poll";
inline constexpr std::string_view kEvent = "event";  // a meeting with a date
inline constexpr std::string_view kCall = "call";    // it took place or was missed
inline constexpr std::string_view kUnknown = "unknown";
// A message whose content has not come; it is shown as such until the content comes.
inline constexpr std::string_view kUndecryptable = "undecryptable";
// A message whose content WhatsApp does not give to linked devices: the body says what it is.
inline constexpr std::string_view kWithheld = "withheld";
}  // namespace message_type

struct Media {
  std::string type{};  // the message type again: image, video, …
  std::string mimetype{};
  std::string filename{};
  std::string caption{};
  std::uint64_t size_bytes = 0;
  std::uint32_t seconds = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const Media&) const = default;
};

// What we need to fetch the media from WhatsApp and decrypt them, and a thumbnail. It stays in the
// account's file (inbox/media_facts.h).
struct MediaFacts {
  Bytes media_key{};          // 32 bytes
  std::string direct_path{};  // on the media servers; media stay there for about two weeks
  std::string url{};          // only when there is no direct path
  Bytes file_sha256{};        // of the file, 32 bytes; empty when unknown
  Bytes file_enc_sha256{};    // of the encrypted file on the servers; the same rules
  std::uint64_t file_length = 0;
  UnixSeconds media_key_at{};  // when the key was made: tells which of two keys is newer
  Bytes thumbnail{};           // JPEG; PNG for a sticker
  bool operator==(const MediaFacts&) const = default;
};

// One of a poll's options.
struct PollOption {
  std::string id{};  // as votes name it: the first 16 hexadecimal digits of its name's SHA-256
  std::string name{};
  bool operator==(const PollOption&) const = default;
};

// A vote, or the answer to an invitation.
struct Answer {
  // Ids of the options, or "going", "not_going", "maybe"; separated by spaces. Empty: the person
  // took the answer back.
  std::string picks{};
  UnixSeconds at{};
  bool operator==(const Answer&) const = default;
};

struct Quoted {
  std::string id{};
  std::string participant{};
  std::string preview{};
  bool operator==(const Quoted&) const = default;
};

// Exactly what WhatsApp used to name the message: a later history request must quote it,
// so nothing here is normalised. `id` and the addresses are raw strings from strangers.
struct MessageKey {
  std::string id{};
  std::string remote_jid{};
  bool from_me = false;
  std::string participant{};  // groups; empty otherwise
  bool operator==(const MessageKey&) const = default;
};

struct Message {
  MessageKey key{};
  // The chat as addressed by WhatsApp, device dropped; the store turns a LID into the
  // phone address when it knows the mapping.
  Jid chat{};
  Jid sender{};               // who wrote it, device dropped; empty for our own
  std::string sender_name{};  // push name, when the message carried one
  UnixSeconds sent_at{};
  std::string type{message_type::kText};
  std::optional<std::string> body{};  // text or caption
  std::optional<Media> media{};
  std::optional<Quoted> quoted{};
  std::map<std::string, std::string> reactions{};  // participant JID -> emoji
  std::vector<PollOption> poll_options{};
  std::map<std::string, Answer> answers{};  // participant JID -> answer to this poll or event
  DeliveryStatus status = DeliveryStatus::kUnknown;
  UnixSeconds edited_at{};
  UnixSeconds deleted_at{};
  SyncSource source = SyncSource::kHistorySync;
  // Field number of a content kind we do not know yet, so that nothing disappears silently.
  std::optional<std::uint32_t> unknown_field{};
  // Stands for all that history tells of the message, so that the store need not compare what it
  // has been told before; 0: not told by history, or not known.
  std::uint64_t telling = 0;
  // The store takes these, but never reads them back with the message; nothing shows or sends them
  // (docs/schema.md).
  Bytes secret{};  // opens what others seal for this message; empty when unknown
  std::optional<MediaFacts> media_facts{};

  Direction direction() const { return key.from_me ? Direction::kOutbound : Direction::kInbound; }
};

// A chat as a history chunk describes it, with or without messages.
struct Conversation {
  Jid chat{};
  Jid phone_alias{};   // the phone-number address of a LID chat, when stated; else empty
  Jid lid_alias{};     // the LID of a phone-number chat, when stated; else empty
  Jid other_number{};  // of the same person, before or after a change of number; else empty
  bool changed_to_other = false;  // `other_number` is the newer one
  std::string name{};             // chat name in history: saved name or group subject
  UnixSeconds last_activity{};    // the conversation's own timestamp; unknown when absent
  std::uint32_t unread_count = 0;
  bool archived = false;
  bool pinned = false;
  UnixSeconds muted_until{};
  bool history_exhausted = false;  // the phone says it has nothing older
};

// Muted until the owner unmutes the chat: 2100-01-01.
inline constexpr UnixSeconds kMutedForever{4'102'444'800};

// What the owner set for a chat on the phone. We were not told the absent values.
struct ChatSettings {
  std::optional<bool> archived{};
  std::optional<bool> pinned{};
  std::optional<UnixSeconds> muted_until{};
};

struct Contact {
  Jid jid{};
  std::string saved_name{};
  std::string push_name{};
  std::string verified_name{};
  Jid lid{};
};

struct LidMapping {
  Jid lid{};
  Jid phone{};
};

}  // namespace wasync
