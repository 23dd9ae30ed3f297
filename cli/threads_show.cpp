#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/json_text.h"
#include "cli/thread_choice.h"
#include "cli/time_text.h"
#include "inbox/answers.h"
#include "inbox/queries.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

struct Found {
  ThreadListing thread;
  Database* database;
};

Found find(const std::vector<OpenAccount>& accounts, const std::string& text) {
  std::vector<Found> found;
  for (const OpenAccount& each : accounts) {
    const FoundThread result = find_thread(*each.database, text);
    if (const auto* thread = std::get_if<ThreadListing>(&result))
      found.push_back({.thread = *thread, .database = each.database.get()});
    if (const auto* several = std::get_if<AmbiguousThread>(&result))
      for (const ThreadListing& candidate : several->candidates)
        found.push_back({.thread = candidate, .database = each.database.get()});
  }
  if (found.size() == 1) return found.front();
  std::vector<ThreadListing> named;
  for (const Found& each : found) named.push_back(each.thread);
  throw not_one_thread(text, named);
}

// Saved name, push name of the message or of the contact, business name, phone, address:
// the first that is known. One look-up per writer.
class SenderNames {
 public:
  explicit SenderNames(Found& found) : found_(found) {}

  std::string operator()(const Message& message) {
    const Jid& writer = message.sender.empty() ? message.chat : message.sender;
    if (!found_.thread.jid.is_group() && !found_.thread.name.empty()) return found_.thread.name;
    auto [known, is_new] = names_.try_emplace(writer);
    if (is_new) known->second = look_up(writer);
    if (!known->second.empty()) return known->second;
    if (!message.sender_name.empty()) return message.sender_name;
    return phone_of(writer).value_or(writer.to_string());
  }

 private:
  std::string look_up(const Jid& writer) {
    const auto contact = find_contact(*found_.database, writer);
    if (!contact) return {};
    if (!contact->saved_name.empty()) return contact->saved_name;
    return contact->push_name.empty() ? contact->verified_name : contact->push_name;
  }

  Found& found_;
  std::map<Jid, std::string> names_;
};

Json media_json(const Media& media) {
  return {{"type", media.type},       {"mimetype", media.mimetype}, {"filename", media.filename},
          {"caption", media.caption}, {"size", media.size_bytes},   {"seconds", media.seconds},
          {"width", media.width},     {"height", media.height}};
}

Json message_json(const StoredMessage& stored, const ThreadId& thread, SenderNames& names) {
  const Message& message = stored.message;
  const bool ours = message.direction() == Direction::kOutbound;
  Json out{{"id", stored.id.str()},
           {"thread", thread.str()},
           {"at", json_time(message.sent_at)},
           {"direction", name(message.direction())},
           {"type", message.type},
           {"body", message.body ? Json(*message.body) : Json(nullptr)},
           {"sender", message.sender.empty() ? Json(nullptr) : Json(message.sender.to_string())},
           {"sender_name", ours ? Json("me") : Json(names(message))},
           {"media", message.media ? media_json(*message.media) : Json(nullptr)},
           {"quoted", nullptr},
           {"reactions", Json::object()},
           {"answers", Json::object()},
           {"results", Json::array()},
           {"status", name(message.status)},
           {"edited_at", json_time(message.edited_at)},
           {"deleted_at", json_time(message.deleted_at)},
           {"source", name(message.source)}};
  if (message.quoted)
    out["quoted"] = {{"id", message.quoted->id},
                     {"participant", message.quoted->participant},
                     {"preview", message.quoted->preview}};
  for (const auto& [participant, emoji] : message.reactions) out["reactions"][participant] = emoji;
  for (const auto& [participant, answer] : message.answers)
    out["answers"][participant] = picked(message, answer);
  for (const AnswerCount& each : results_of(message))
    out["results"].push_back({{"option", each.option}, {"count", each.count}});
  if (!stored.original_body.empty()) out["original_body"] = stored.original_body;
  if (stored.body_truncated) out["body_truncated"] = true;
  return out;
}

std::string heading(const Console& console, const ThreadListing& thread) {
  std::string out = console.out_style.bold(one_line(thread.name));
  if (!thread.phone.empty() && thread.phone != thread.name) out += "  " + thread.phone;
  return out + "\n" + console.out_style.dim(thread.thread.str()) + "\n\n";
}

}  // namespace

int threads_show(const Console& console, const GlobalOptions& global,
                 const ThreadsShowOptions& options) {
  const auto accounts = chosen_accounts(global);
  Found found = find(accounts, options.thread);
  const ThreadId& thread = found.thread.thread;
  // One more than asked for, to know whether there are older ones.
  auto messages = thread_messages(*found.database, thread,
                                  {.limit = options.limit + 1, .before = options.before});
  const bool older = messages.size() > options.limit;
  if (older) messages.erase(messages.begin());

  SenderNames names(found);
  if (console.json) {
    Json array = Json::array();
    for (const StoredMessage& each : messages) array.push_back(message_json(each, thread, names));
    console.out(json_pretty(array) + "\n");
    return 0;
  }
  if (console.out_is_terminal) console.out(heading(console, found.thread));
  console.out(conversation_text(console, messages, std::ref(names)));
  if (messages.empty() && found.thread.messages == 0)
    console.note(
        console.say({"This conversation has no messages yet: the history named it without any.",
                     "Conversația nu are încă niciun mesaj: istoricul a numit-o fără mesaje."}) +
        "\n" +
        console.say({"New messages appear here; older ones come with wa-sync pair --again.",
                     "Mesajele noi apar aici; cele vechi vin cu wa-sync pair --again."}));
  if (older && console.out_is_terminal)
    console.note(console.say({"There are older messages: --before \"{}\" shows them.",
                              "Există mesaje mai vechi: --before \"{}\" le arată."},
                             rfc3339(messages.front().message.sent_at)));
  return 0;
}

}  // namespace wasync
