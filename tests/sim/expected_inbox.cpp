#include "sim/expected_inbox.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <vector>

#include "sim/dataset.h"

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kPreviewCharacters = 100;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string fold(const std::string& text) {
  std::string folded;
  for (const char c : text) {
    if (!is_space(c))
      folded += c;
    else if (!folded.empty() && folded.back() != ' ')
      folded += ' ';
  }
  while (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

// White space folded, the first 100 characters (code points), and no joiner left over from a
// composed emoji that was cut in two.
std::string preview(const std::string& text) {
  std::string folded = fold(text);
  std::size_t characters = 0;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(folded[i]) & 0xC0) != 0x80;
    if (!begins || characters++ != kPreviewCharacters) continue;
    folded.resize(i);
    while (folded.ends_with("\u200D")) folded.resize(folded.size() - 3);
    break;
  }
  return folded;
}

const char* type_name(Kind kind) {
  switch (kind) {
    case Kind::kText: return "text";
    case Kind::kImage: return "image";
    case Kind::kVideo: return "video";
    case Kind::kVoice: return "audio";
    case Kind::kDocument: return "document";
    case Kind::kSticker: return "sticker";
    case Kind::kLocation: return "location";
    case Kind::kContact: return "contact";
    case Kind::kPoll: return "poll";
    case Kind::kEvent: return "event";
    case Kind::kEphemeralSetting:
    case Kind::kStub: break;
  }
  return "none";
}

bool body_is_specified(Kind kind) {
  return kind == Kind::kText || kind == Kind::kImage || kind == Kind::kVideo ||
         kind == Kind::kVoice || kind == Kind::kDocument;
}

// A chat from its oldest message to the newest that was written since.
struct Sequence {
  const Dataset& dataset;
  std::size_t chat;
  std::span<const Message> live;

  std::size_t size() const { return dataset.chats[chat].total() + live.size(); }
  Message at(std::size_t index) const {
    const std::size_t stored = dataset.chats[chat].total();
    return index < stored ? dataset.message(chat, index) : live[index - stored];
  }
};

// The conversation list's line about a message.
std::string line_about(const Message& message) {
  if (message.revoked) return "[deleted]";
  for (const std::string& text : {message.body.value_or(""), message.file_name})
    if (!fold(text).empty()) return preview(text);
  return std::string("[") + type_name(message.kind) + "]";
}

Json message_json(const Sequence& sequence, const Message& message) {
  const Dataset& dataset = sequence.dataset;
  Json json = {{"id", message.id},
               {"from_me", message.from_me},
               {"timestamp", message.sent_at},
               {"type", type_name(message.kind)},
               {"edited", message.edited},
               {"deleted", message.revoked},
               {"reactions", Json::object()}};
  if (message.author) {
    const Person& author = dataset.people[*message.author];
    json["sender"] = author.jid();
    json["sender_name"] = author.push_name;
  }
  if (body_is_specified(message.kind)) json["body"] = message.body ? Json(*message.body) : Json();
  if (!message.file_name.empty()) json["filename"] = message.file_name;
  if (message.quotes) json["quoted_id"] = sequence.at(*message.quotes).id;
  for (const auto& [who, emoji] : message.reactions) {
    const std::string jid = who ? dataset.people[*who].jid() : dataset.owner.phone_jid();
    json["reactions"][jid] = emoji;
  }
  return json;
}

// What the messages of a thread add up to.
struct Summary {
  std::size_t messages = 0;
  std::uint32_t unread = 0;
  std::optional<Message> newest;
  std::optional<Message> newest_inbound;
  Json list = Json::array();
};

Summary summarise(const Sequence& sequence, const ExpectedOptions& options) {
  const Chat& chat = sequence.dataset.chats[sequence.chat];
  Summary summary;
  summary.unread = chat.unread;
  for (std::size_t i = options.older ? 0 : chat.older; i < sequence.size(); ++i) {
    Message message = sequence.at(i);
    if (!message.is_content()) continue;
    ++summary.messages;
    if (options.messages) summary.list.push_back(message_json(sequence, message));
    // Who answers has read.
    if (i >= chat.total()) summary.unread = message.from_me ? 0 : summary.unread + 1;
    if (!message.from_me) summary.newest_inbound = message;
    summary.newest = std::move(message);
  }
  return summary;
}

// displayName by the contract's precedence; on one line, as the preview it is compared with.
std::string display_name(const Dataset& dataset, const Chat& chat, bool app_state) {
  if (!chat.person) return fold(chat.name);
  const Person& person = dataset.people[*chat.person];
  const std::string saved_name = app_state ? person.saved_name : std::string();
  for (const std::string* name :
       {&saved_name, &chat.name, &person.push_name, &person.verified_name})
    if (!name->empty()) return fold(*name);
  return {};
}

Json thread_json(const Sequence& sequence, const ExpectedOptions& options) {
  const Dataset& dataset = sequence.dataset;
  const Chat& chat = dataset.chats[sequence.chat];
  const Summary summary = summarise(sequence, options);
  const Person* person = chat.person ? &dataset.people[*chat.person] : nullptr;
  const std::string jid = person == nullptr ? chat.jid : person->jid();
  const std::string phone =
      person != nullptr && jid == person->phone_jid() ? "+" + person->phone : std::string();
  const std::string last =
      summary.newest_inbound ? line_about(*summary.newest_inbound) : std::string();
  // Steps 3 and 5 of the contract.
  std::string name = display_name(dataset, chat, options.app_state);
  if (name == last && person != nullptr) name = fold(person->push_name);
  if (name.empty()) name = phone;
  // Somebody known by LID alone, who tells no name, is called by the LID's last digits.
  if (name.empty() && person != nullptr && summary.messages > 0)
    name = "Contact …" + person->lid.substr(person->lid.size() - 4);
  Json json = {{"jid", jid},
               {"wire_jid", chat.jid},
               {"name", name},
               {"phone", phone},
               {"lid", person == nullptr ? std::string() : person->lid_jid()},
               {"last_message_at", summary.newest ? summary.newest->sent_at : chat.active_at},
               {"last_message", last},
               {"unread", summary.unread},
               {"messages", summary.messages},
               {"older", chat.older},
               {"placeholder", summary.messages == 0},
               {"archived_on_phone", chat.archived},
               {"pinned_on_phone", chat.pinned},
               {"muted_on_phone", chat.muted}};
  json["direction"] =
      summary.newest ? Json(summary.newest->from_me ? "outbound" : "inbound") : Json();
  json["hidden_because"] = name.empty() ? Json("placeholder") : Json();
  if (options.messages) json["message_list"] = summary.list;
  return json;
}

Json contacts_json(const Dataset& dataset, bool app_state) {
  Json contacts = Json::array();
  for (const Person& person : dataset.people)
    contacts.push_back({{"jid", person.jid()},
                        {"lid", person.lid_jid()},
                        {"phone", person.phone_hidden ? std::string() : "+" + person.phone},
                        {"name", app_state ? person.saved_name : std::string()},
                        {"notify", person.push_name},
                        {"verified_name", person.verified_name}});
  return contacts;
}

std::span<const Message> since(const LiveMessages& live, std::size_t chat) {
  const auto found = live.find(chat);
  return found == live.end() ? std::span<const Message>() : std::span<const Message>(found->second);
}

}  // namespace

std::string expected_inbox_json(const Dataset& dataset, const ExpectedOptions& options,
                                const LiveMessages& live) {
  Json threads = Json::array();
  Json not_threads = Json::array();
  for (std::size_t i = 0; i < dataset.chats.size(); ++i) {
    const Chat& chat = dataset.chats[i];
    if (chat.malformed || chat.kind == ChatKind::kStatus)
      not_threads.push_back(chat.jid);
    else
      threads.push_back(thread_json({dataset, i, since(live, i)}, options));
  }
  std::stable_sort(threads.begin(), threads.end(), [](const Json& a, const Json& b) {
    return a["last_message_at"].get<std::int64_t>() > b["last_message_at"].get<std::int64_t>();
  });
  const Json json = {{"owner",
                      {{"phone", "+" + dataset.owner.phone},
                       {"jid", dataset.owner.phone_jid()},
                       {"lid", dataset.owner.lid_jid()},
                       {"push_name", dataset.owner.push_name}}},
                     {"threads", std::move(threads)},
                     {"not_threads", std::move(not_threads)},
                     {"contacts", contacts_json(dataset, options.app_state)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wasync::sim
