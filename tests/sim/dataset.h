// What the simulated phone holds: its owner, people, chats and messages. Everything is a pure
// function of (name, seed, older), so that a test can ask for any message in any order and
// always gets the same one.
//
// Written without a look at core/inbox on purpose: a simulator that shares code with the
// client would share its bugs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/jid.h"

namespace wasync::sim {

// Somebody the owner writes with. JIDs are built from the digits on demand.
struct Person {
  std::string phone{};  // digits
  std::string lid{};    // digits; everybody has one, but not every companion is told
  std::string saved_name{};
  std::string push_name{};
  std::string verified_name{};
  // Whether history tells which phone number belongs to the LID.
  bool mapping_told = true;
  // Known by LID only: nobody says the phone number, and no chat is addressed by it.
  bool phone_hidden = false;

  std::string phone_jid() const { return phone + "@s.whatsapp.net"; }
  std::string lid_jid() const { return lid + "@lid"; }
  // The address under which a companion knows the person in the end.
  std::string jid() const { return phone_hidden ? lid_jid() : phone_jid(); }
};

enum class Kind {
  kText,
  kImage,
  kVideo,
  kVoice,
  kDocument,
  kSticker,
  kLocation,
  kContact,
  kPoll,
  kEphemeralSetting,  // protocol only: no message for the user
  kStub,              // a system line such as "X joined"; no content
};

struct Message {
  std::string id;
  bool from_me = false;
  std::optional<std::size_t> author;  // index of the person; nothing when from_me
  std::int64_t sent_at = 0;           // Unix seconds
  Kind kind = Kind::kText;
  std::optional<std::string> body;    // text, caption or question
  std::string file_name;              // documents
  bool view_once = false;             // wrapped once more on the wire
  bool ephemeral = false;             // likewise
  std::optional<std::size_t> quotes;  // index of an earlier message of the same chat
  bool edited = false;                // `body` is what an edit made of it
  bool revoked = false;               // taken back, there is no `body`
  std::vector<std::pair<std::optional<std::size_t>, std::string>> reactions;  // who, emoji

  // Whether the user sees it as a message.
  bool is_content() const { return kind != Kind::kEphemeralSetting && kind != Kind::kStub; }
};

enum class ChatKind { kPerson, kGroup, kStatus };

struct Chat {
  ChatKind kind = ChatKind::kPerson;
  std::string jid;      // as WhatsApp addresses it: by phone, by LID, a group
  std::string pn_jid;   // the phone form, stated beside a LID address; may be empty
  std::string lid_jid;  // and the other way round
  std::string name;     // the conversation's name in history: saved name or subject
  std::optional<std::size_t> person;
  std::vector<std::size_t> members;  // groups
  bool archived = false;
  bool pinned = false;
  bool muted = false;
  std::uint32_t unread = 0;
  std::int64_t active_at = 0;  // the conversation's own timestamp, Unix seconds
  // Messages are numbered from the oldest; the phone pushes the last `pushed` ones, the
  // `older` ones before them come on demand only.
  std::size_t older = 0;
  std::size_t pushed = 0;
  // Written by hand, in place of the newest generated ones.
  std::vector<Message> script;
  // The address is no JID: a client must drop the chat and go on.
  bool malformed = false;

  std::size_t total() const { return older + pushed; }
};

// What was written since the simulator began, by chat; numbered on from the chat's total().
using LiveMessages = std::map<std::size_t, std::vector<Message>>;

struct Owner {
  std::string phone;
  std::string lid;
  std::string push_name;

  std::string phone_jid() const { return phone + "@s.whatsapp.net"; }
  std::string lid_jid() const { return lid + "@lid"; }
};

struct Dataset {
  std::string name;
  std::uint64_t seed = 0;
  Owner owner;
  std::vector<Person> people;
  std::vector<Chat> chats;

  // `name` is "small" or "NxM" (N chats of M messages; "0x0": a phone without chats);
  // `older` further messages per chat are held back. Throws Error(kUsage) for other names.
  static Dataset make(std::string_view name, std::uint64_t seed, std::size_t older);

  // Message `index` of a chat, 0 being the oldest. `index` < total().
  Message message(std::size_t chat, std::size_t index) const;
  std::string author_jid(const Chat& chat, const Message& message) const;  // empty when from_me
  // By either address; null for a stranger.
  const Person* find_person(const Jid& jid) const;
};

}  // namespace wasync::sim
