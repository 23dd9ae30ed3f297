#include "cli/message_json.h"

#include <nlohmann/json.hpp>

#include "cli/json_text.h"
#include "inbox/answers.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

Json media_json(const Media& media) {
  return {{"type", media.type},       {"mimetype", media.mimetype}, {"filename", media.filename},
          {"caption", media.caption}, {"size", media.size_bytes},   {"seconds", media.seconds},
          {"width", media.width},     {"height", media.height}};
}

}  // namespace

std::string SenderNames::operator()(const Message& message) {
  const Jid& writer = message.sender.empty() ? message.chat : message.sender;
  if (!thread_.jid.is_group() && !thread_.name.empty()) return thread_.name;
  auto [known, is_new] = names_.try_emplace(writer);
  if (is_new) known->second = look_up(writer);
  if (!known->second.empty()) return known->second;
  if (!message.sender_name.empty()) return message.sender_name;
  return phone_of(writer).value_or(writer.to_string());
}

std::string SenderNames::look_up(const Jid& writer) {
  const auto contact = find_contact(database_, writer);
  if (!contact) return {};
  if (!contact->saved_name.empty()) return contact->saved_name;
  return contact->push_name.empty() ? contact->verified_name : contact->push_name;
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

}  // namespace wasync
