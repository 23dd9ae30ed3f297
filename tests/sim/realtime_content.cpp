#include "sim/realtime_content.h"

#include <map>

#include "base/clock.h"
#include "base/error.h"
#include "proto/message.pb.h"
#include "proto/message_key.pb.h"
#include "sim/realtime.h"
#include "sim/sealing.h"
#include "sim/wire_history.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// Every message has its secret, what is about another message as well.
pb::Message with_secret(const World& world, const RealtimeMessage& message, pb::Message content) {
  content.mutable_message_context_info()->set_message_secret(message_secret(message.id));
  if (world.faults.on("no-secrets")) content.clear_message_context_info();
  return content;
}

bool set_about_target(const World& world, const RealtimeMessage& message, pb::Message& content) {
  if (message.kind == "quote") {
    content.mutable_extended_text()->set_text(message.text);
    auto* context = content.mutable_extended_text()->mutable_context_info();
    context->set_stanza_id(message.target);
    context->set_participant(message.chat);
    context->mutable_quoted_message()->set_conversation("quoted");
  } else if (message.kind == "edit") {
    auto* protocol = content.mutable_protocol_message();
    protocol->set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
    set_target(world, message, *protocol->mutable_key());
    protocol->mutable_edited_message()->set_conversation(message.text);
    protocol->set_timestamp_ms(UnixSeconds::now().value * 1'000);
  } else if (message.kind == "revoke") {
    auto* protocol = content.mutable_protocol_message();
    protocol->set_type(pb::ProtocolMessage::PROTOCOL_REVOKE);
    set_target(world, message, *protocol->mutable_key());
  } else if (message.kind == "reaction") {
    set_target(world, message, *content.mutable_reaction()->mutable_key());
    content.mutable_reaction()->set_text(message.text);
    content.mutable_reaction()->set_sender_timestamp_ms(UnixSeconds::now().value * 1'000);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void set_target(const World& world, const RealtimeMessage& message, pb::MessageKey& key) {
  const bool group = message.chat.ends_with("@g.us");
  const bool own = message.from == "me";
  key.set_remote_jid(group || own ? message.chat : world.owner_jid().to_string());
  key.set_from_me(message.target_from_author);
  key.set_id(message.target);
  const auto sent = world.sent.find(message.target);
  if (!group) return;
  if (!message.target_author.empty())
    key.set_participant(message.target_author);
  else if (sent != world.sent.end())
    key.set_participant(sent->second.sender.to_string());
}

pb::Message realtime_content(const World& world, const RealtimeMessage& message) {
  static const std::map<std::string, Kind> kKinds{
      {"text", Kind::kText},         {"image", Kind::kImage},       {"video", Kind::kVideo},
      {"audio", Kind::kVoice},       {"document", Kind::kDocument}, {"sticker", Kind::kSticker},
      {"location", Kind::kLocation}, {"contact", Kind::kContact},   {"poll", Kind::kPoll},
      {"event", Kind::kEvent},
  };
  pb::Message content;
  if (!message.content.empty()) {
    if (!content.ParseFromString(to_string(message.content)))
      throw Error(ErrorCode::kProtocol, "content_hex is no message");
    return content;
  }
  if (set_sealed(world, message, content) || set_about_target(world, message, content))
    return with_secret(world, message, std::move(content));
  const auto kind = kKinds.find(message.kind);
  if (kind == kKinds.end()) throw Error(ErrorCode::kProtocol, "unknown kind " + message.kind);
  Message described;
  described.id = message.id;
  described.kind = kind->second;
  if (!message.text.empty()) described.body = message.text;
  if (described.kind == Kind::kDocument) described.file_name = "document.pdf";
  return with_secret(world, message, wire_content(world.dataset, {}, 0, described));
}

}  // namespace wasync::sim
