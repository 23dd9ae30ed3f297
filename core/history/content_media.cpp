#include "history/content_media.h"

#include "base/text.h"
#include "history/content_text.h"
#include "proto/message.pb.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxMimetype = 128;
constexpr std::size_t kMaxFilename = 1024;
// No file on WhatsApp comes near this size; a larger claim is a lie or an overflow.
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 50;

std::string bounded(const std::string& text, std::size_t limit) {
  return std::string(first_bytes(repaired_utf8(text), limit));
}

// What it takes to fetch the media; the inbox judges what of it can be true.
template <typename Kind>
MediaFacts facts_of(const Kind& kind) {
  MediaFacts facts{.media_key = to_bytes(kind.media_key()),
                   .direct_path = kind.direct_path(),
                   .url = kind.url(),
                   .file_sha256 = to_bytes(kind.file_sha256()),
                   .file_enc_sha256 = to_bytes(kind.file_enc_sha256()),
                   .file_length = kind.file_length() <= kMaxSize ? kind.file_length() : 0};
  if (kind.media_key_timestamp() > 0) {
    facts.media_key_at =
        plausible_time(static_cast<std::uint64_t>(kind.media_key_timestamp()), UnixSeconds::now());
  }
  return facts;
}

// What all kinds have under the same names.
template <typename Kind>
Content media_of(std::string_view type, const Kind& kind) {
  Content out{.type = type};
  Media& media = out.media.emplace();
  media.type = type;
  media.mimetype = bounded(kind.mimetype(), kMaxMimetype);
  media.size_bytes = kind.file_length() <= kMaxSize ? kind.file_length() : 0;
  out.media_facts = facts_of(kind);
  return quoting(std::move(out), kind);
}

void set_thumbnail(Content& content, const std::string& picture) {
  content.media_facts->thumbnail = to_bytes(picture);
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
  set_thumbnail(out, sticker.png_thumbnail());
  return out;
}

Content sticker_pack_content(const pb::StickerPackMessage& pack) {
  return quoting(text_content(message_type::kSticker, lines({pack.name(), pack.caption()})), pack);
}

}  // namespace

Content image_content(const pb::ImageMessage& image) {
  Content out = media_of(message_type::kImage, image);
  set_dimensions(*out.media, image);
  set_thumbnail(out, image.jpeg_thumbnail());
  set_caption(out, image.caption());
  return out;
}

Content video_content(const pb::VideoMessage& video) {
  Content out = media_of(message_type::kVideo, video);
  set_dimensions(*out.media, video);
  set_thumbnail(out, video.jpeg_thumbnail());
  out.media->seconds = video.seconds();
  set_caption(out, video.caption());
  return out;
}

Content document_content(const pb::DocumentMessage& document) {
  Content out = media_of(message_type::kDocument, document);
  out.media->filename =
      bounded(document.file_name().empty() ? document.title() : document.file_name(), kMaxFilename);
  set_thumbnail(out, document.jpeg_thumbnail());
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

}  // namespace wasync
