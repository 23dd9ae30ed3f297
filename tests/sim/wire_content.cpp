#include "base/clock.h"
#include "base/crypto.h"
#include "proto/message.pb.h"
#include "sim/wire_history.h"

namespace wasync::sim {
namespace {

// Keys and hashes that look real; nobody can download this media.
template <typename Media>
void set_media(Media& media, const Message& message, const std::string& mimetype,
               std::uint64_t size) {
  const Digest256 digest = sha256(as_bytes(message.id));
  const std::string hash(as_text(digest));
  media.set_url("https://mmg.whatsapp.net/v/t62/" + hex_encode(digest).substr(0, 24));
  media.set_direct_path("/v/t62/" + hex_encode(digest).substr(0, 24));
  media.set_mimetype(mimetype);
  media.set_file_length(size);
  media.set_media_key(hash);
  media.set_file_sha256(hash);
  media.set_file_enc_sha256(hash);
  media.set_media_key_timestamp(message.sent_at != 0 ? message.sent_at : UnixSeconds::now().value);
}

// As long as real ones are, and all of them different.
std::string thumbnail(const Message& message) {
  std::string out = "\xFF\xD8\xFF";
  while (out.size() < 900) out += to_string(BytesView(sha256(as_bytes(message.id + out))));
  return out;
}

// What a reply carries about the message it answers.
void set_quote(const Dataset& dataset, const Chat& chat, std::size_t chat_index,
               const Message& message, pb::ContextInfo& context) {
  const Message quoted = dataset.message(chat_index, *message.quotes);
  context.set_stanza_id(quoted.id);
  context.set_participant(quoted.from_me ? dataset.owner.phone_jid()
                                         : dataset.author_jid(chat, quoted));
  context.mutable_quoted_message()->set_conversation(quoted.body.value_or(""));
}

void set_text(const Dataset& dataset, const Chat& chat, std::size_t chat_index,
              const Message& message, pb::Message& content) {
  if (!message.quotes) {
    content.set_conversation(message.body.value_or(""));
    return;
  }
  pb::ExtendedTextMessage& text = *content.mutable_extended_text();
  text.set_text(message.body.value_or(""));
  set_quote(dataset, chat, chat_index, message, *text.mutable_context_info());
}

void set_document(const Message& message, pb::Message& content) {
  // A caption makes the phone wrap the document once more.
  pb::DocumentMessage& document =
      message.body ? *content.mutable_document_with_caption()->mutable_message()->mutable_document()
                   : *content.mutable_document();
  set_media(document, message, "application/pdf", 45'678);
  document.set_file_name(message.file_name);
  document.set_title(message.file_name);
  if (message.body) document.set_caption(*message.body);
}

void set_unwrapped(const Dataset& dataset, const Chat& chat, std::size_t chat_index,
                   const Message& message, pb::Message& content) {
  switch (message.kind) {
    case Kind::kText: set_text(dataset, chat, chat_index, message, content); break;
    case Kind::kImage:
      set_media(*content.mutable_image(), message, "image/jpeg", 123'456);
      content.mutable_image()->set_jpeg_thumbnail(thumbnail(message));
      content.mutable_image()->set_width(1'200);
      content.mutable_image()->set_height(1'600);
      if (message.body) content.mutable_image()->set_caption(*message.body);
      break;
    case Kind::kVideo:
      set_media(*content.mutable_video(), message, "video/mp4", 2'345'678);
      content.mutable_video()->set_jpeg_thumbnail(thumbnail(message));
      content.mutable_video()->set_seconds(14);
      if (message.body) content.mutable_video()->set_caption(*message.body);
      break;
    case Kind::kVoice:
      set_media(*content.mutable_audio(), message, "audio/ogg; codecs=opus", 34'567);
      content.mutable_audio()->set_seconds(7);
      content.mutable_audio()->set_ptt(true);
      break;
    case Kind::kDocument: set_document(message, content); break;
    case Kind::kSticker:
      set_media(*content.mutable_sticker(), message, "image/webp", 23'456);
      break;
    case Kind::kLocation:
      content.mutable_location()->set_degrees_latitude(44.4268);
      content.mutable_location()->set_degrees_longitude(26.1025);
      content.mutable_location()->set_name("București");
      break;
    case Kind::kContact:
      content.mutable_contact()->set_display_name("Ion");
      content.mutable_contact()->set_vcard("BEGIN:VCARD\nVERSION:3.0\nFN:Ion\nEND:VCARD");
      break;
    case Kind::kPoll: {
      pb::PollCreationMessage& poll = *content.mutable_poll_creation_v3();
      poll.set_name(message.body.value_or(""));
      poll.set_selectable_options_count(1);
      for (const char* option : {"12:00", "14:00"}) poll.add_options()->set_option_name(option);
      break;
    }
    case Kind::kEvent:
      content.mutable_event_message()->set_name(message.body.value_or(""));
      content.mutable_event_message()->set_start_time(message.sent_at + 86'400);
      break;
    case Kind::kEphemeralSetting:
      content.mutable_protocol_message()->set_type(pb::ProtocolMessage::PROTOCOL_EPHEMERAL_SETTING);
      content.mutable_protocol_message()->set_ephemeral_expiration(604'800);
      break;
    case Kind::kStub: break;
  }
}

}  // namespace

pb::Message wire_content(const Dataset& dataset, const Chat& chat, std::size_t chat_index,
                         const Message& message) {
  pb::Message content;
  pb::Message* innermost = &content;
  if (message.ephemeral) innermost = innermost->mutable_ephemeral_message()->mutable_message();
  if (message.view_once) innermost = innermost->mutable_view_once_v2()->mutable_message();
  set_unwrapped(dataset, chat, chat_index, message, *innermost);
  return content;
}

}  // namespace wasync::sim
