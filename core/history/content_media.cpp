#include "history/content_media.h"

#include "base/text.h"
#include "history/content_business.h"
#include "history/unwrap.h"
#include "proto/message.pb.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxMimetype = 128;
constexpr std::size_t kMaxFilename = 1024;
// Nothing sent over WhatsApp comes near; a larger claim is a lie or an overflow.
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 50;

std::string bounded(const std::string& text, std::size_t limit) {
  return std::string(first_bytes(repaired_utf8(text), limit));
}

// What all kinds have under the same names.
template <typename Kind>
Content media_of(std::string_view type, const Kind& kind) {
  Content out{.type = type};
  Media& media = out.media.emplace();
  media.type = type;
  media.mimetype = bounded(kind.mimetype(), kMaxMimetype);
  media.size_bytes = kind.file_length() <= kMaxSize ? kind.file_length() : 0;
  if (kind.has_context_info()) out.quoted = quoted_from(kind.context_info());
  return out;
}

void set_caption(Content& content, const std::string& caption) {
  if (caption.empty()) return;
  content.body = caption;
  content.media->caption = *content.body;
}

template <typename Kind>
void set_dimensions(Media& media, const Kind& kind) {
  media.width = kind.width();
  media.height = kind.height();
}

Content audio_content(const pb::AudioMessage& audio) {
  Content out = media_of(message_type::kAudio, audio);
  out.media->seconds = audio.seconds();
  return out;
}

Content sticker_content(const pb::StickerMessage& sticker) {
  Content out = media_of(message_type::kSticker, sticker);
  set_dimensions(*out.media, sticker);
  return out;
}

Content sticker_pack_content(const pb::StickerPackMessage& pack) {
  Content out{.type = message_type::kSticker};
  const std::string body = lines({pack.name(), pack.caption()});
  if (!body.empty()) out.body = body;
  if (pack.has_context_info()) out.quoted = quoted_from(pack.context_info());
  return out;
}

// The quoted message in a line. Quotes inside quotes are not followed.
std::string preview_of(const pb::Message& quoted) {
  constexpr std::size_t kPreviewCharacters = 100;
  constexpr std::size_t kEnoughBytes = 2048;  // for them, however wide; a quote may be a novel
  const Unwrapped inner = unwrap(quoted);
  const pb::Message& message = *inner.content;
  const std::string* text = &message.conversation();
  if (message.has_extended_text()) text = &message.extended_text().text();
  if (message.has_image()) text = &message.image().caption();
  if (message.has_video()) text = &message.video().caption();
  if (message.has_document()) {
    text = message.document().caption().empty() ? &message.document().file_name()
                                                : &message.document().caption();
  }
  if (message.has_contact()) text = &message.contact().display_name();
  if (message.has_location()) text = &message.location().name();
  if (message.has_poll_creation_v3()) text = &message.poll_creation_v3().name();
  return std::string(first_characters(
      folded_whitespace(repaired_utf8(std::string_view(*text).substr(0, kEnoughBytes))),
      kPreviewCharacters));
}

}  // namespace

Content image_content(const pb::ImageMessage& image) {
  Content out = media_of(message_type::kImage, image);
  set_dimensions(*out.media, image);
  set_caption(out, image.caption());
  return out;
}

Content video_content(const pb::VideoMessage& video) {
  Content out = media_of(message_type::kVideo, video);
  set_dimensions(*out.media, video);
  out.media->seconds = video.seconds();
  set_caption(out, video.caption());
  return out;
}

Content document_content(const pb::DocumentMessage& document) {
  Content out = media_of(message_type::kDocument, document);
  out.media->filename =
      bounded(document.file_name().empty() ? document.title() : document.file_name(), kMaxFilename);
  set_caption(out, document.caption());
  return out;
}

std::optional<Content> media_content(const pb::Message& message) {
  if (message.has_image()) return image_content(message.image());
  if (message.has_video()) return video_content(message.video());
  if (message.has_ptv()) return video_content(message.ptv());
  if (message.has_audio()) return audio_content(message.audio());
  if (message.has_document()) return document_content(message.document());
  if (message.has_sticker()) return sticker_content(message.sticker());
  if (message.has_sticker_pack()) return sticker_pack_content(message.sticker_pack());
  return std::nullopt;
}

std::optional<Quoted> quoted_from(const pb::ContextInfo& context) {
  if (context.stanza_id().empty()) return std::nullopt;
  return Quoted{.id = context.stanza_id(),
                .participant = context.participant(),
                .preview = context.has_quoted_message() ? preview_of(context.quoted_message())
                                                        : std::string{}};
}

}  // namespace wasync
