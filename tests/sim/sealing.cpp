#include "sim/sealing.h"

#include <algorithm>
#include <string_view>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "proto/message.pb.h"
#include "proto/message_add_on.pb.h"
#include "sim/realtime.h"
#include "sim/realtime_content.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

std::string bare(const std::string& text) {
  const auto jid = Jid::parse(text);
  if (!jid) throw Error(ErrorCode::kProtocol, "sealed by or for no address");
  return jid->bare().to_string();
}

// Under which address people seal in a chat: the owner by LID, as phones that have moved do.
std::string sender_of(const World& world, const RealtimeMessage& message) {
  if (message.from == "me") return world.owner_lid().to_string();
  return bare(message.from.empty() ? message.chat : message.from);
}

std::string author_of(const World& world, const RealtimeMessage& message) {
  if (!message.target_author.empty()) return bare(message.target_author);
  if (message.target_from_author) return sender_of(world, message);
  const auto sent = world.sent.find(message.target);
  if (sent != world.sent.end()) return sent->second.sender.bare().to_string();
  if (message.from == "me") return bare(message.chat);
  return world.owner_lid().to_string();
}

template <typename Sealed>
void seal(const World& world, const RealtimeMessage& message, std::string_view use_case,
          const std::string& plaintext, Sealed& into) {
  const std::string sender = sender_of(world, message);
  std::string info = message.target + author_of(world, message) + sender;
  info += use_case;
  std::string secret = message_secret(message.target);
  if (world.faults.on("wrong-secret")) secret[0] ^= 1;
  std::string bound;
  if (use_case == "Poll Vote" || use_case == "Event Response")
    bound = message.target + std::string(1, '\0') + sender;
  const Bytes iv = random_bytes(12);
  const Bytes key = hkdf_sha256(as_bytes(secret), {}, as_bytes(info), 32);
  into.set_enc_payload(to_string(aes_gcm_encrypt(key, iv, as_bytes(plaintext), as_bytes(bound))));
  into.set_enc_iv(to_string(iv));
}

std::string edited(const World& world, const RealtimeMessage& message) {
  pb::Message inside;
  auto* protocol = inside.mutable_protocol_message();
  protocol->set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
  set_target(world, message, *protocol->mutable_key());
  protocol->mutable_edited_message()->set_conversation(message.text);
  protocol->set_timestamp_ms(UnixSeconds::now().value * 1'000);
  return inside.SerializeAsString();
}

// An option's name a line.
std::string vote_for(const std::string& options) {
  pb::PollVoteMessage vote;
  for (std::size_t at = 0; at < options.size();) {
    const std::size_t end = std::min(options.find('\n', at), options.size());
    vote.add_selected_options(to_string(sha256(as_bytes(options.substr(at, end - at)))));
    at = end + 1;
  }
  return vote.SerializeAsString();
}

std::string answer_of(const std::string& text) {
  pb::EventResponseMessage answer;
  answer.set_response(text == "going"       ? pb::EventResponseMessage::RESPONSE_GOING
                      : text == "not_going" ? pb::EventResponseMessage::RESPONSE_NOT_GOING
                                            : pb::EventResponseMessage::RESPONSE_MAYBE);
  answer.set_timestamp_ms(UnixSeconds::now().value * 1'000);
  return answer.SerializeAsString();
}

void set_secret_encrypted(const World& world, const RealtimeMessage& message,
                          pb::SecretEncryptedMessage::Type type, std::string_view use_case,
                          const std::string& plaintext, pb::Message& content) {
  auto& sealed = *content.mutable_secret_encrypted();
  set_target(world, message, *sealed.mutable_target_message_key());
  sealed.set_secret_enc_type(type);
  seal(world, message, use_case, plaintext, sealed);
}

}  // namespace

std::string message_secret(const std::string& id) {
  return to_string(BytesView(sha256(as_bytes("the secret of " + id))));
}

bool set_sealed(const World& world, const RealtimeMessage& message, pb::Message& content) {
  if (message.kind == "edit" && message.from != "me" && !world.faults.on("plain-edits")) {
    set_secret_encrypted(world, message, pb::SecretEncryptedMessage::SECRET_ENC_MESSAGE_EDIT,
                         "Message Edit", edited(world, message), content);
  } else if (message.kind == "add-option") {
    pb::Message inside;
    set_target(world, message,
               *inside.mutable_poll_add_option()->mutable_poll_creation_message_key());
    inside.mutable_poll_add_option()->mutable_add_option()->set_option_name(message.text);
    set_secret_encrypted(world, message, pb::SecretEncryptedMessage::SECRET_ENC_POLL_ADD_OPTION,
                         "Poll Add Option", inside.SerializeAsString(), content);
  } else if (message.kind == "sealed-reaction") {
    pb::ReactionMessage reaction;
    reaction.set_text(message.text);
    reaction.set_sender_timestamp_ms(UnixSeconds::now().value * 1'000);
    set_target(world, message, *content.mutable_enc_reaction()->mutable_target_message_key());
    seal(world, message, "Enc Reaction", reaction.SerializeAsString(),
         *content.mutable_enc_reaction());
  } else if (message.kind == "comment") {
    pb::Message comment;
    comment.set_conversation(message.text);
    set_target(world, message, *content.mutable_enc_comment()->mutable_target_message_key());
    seal(world, message, "Enc Comment", comment.SerializeAsString(),
         *content.mutable_enc_comment());
  } else if (message.kind == "event-answer") {
    set_target(world, message,
               *content.mutable_enc_event_response()->mutable_event_creation_message_key());
    seal(world, message, "Event Response", answer_of(message.text),
         *content.mutable_enc_event_response());
  } else if (message.kind == "vote") {
    auto& update = *content.mutable_poll_update();
    set_target(world, message, *update.mutable_poll_creation_message_key());
    update.set_sender_timestamp_ms(UnixSeconds::now().value * 1'000);
    seal(world, message, "Poll Vote", vote_for(message.text), *update.mutable_vote());
  } else {
    return false;
  }
  return true;
}

}  // namespace wasync::sim
