// Media kinds: the part of content.h's mapping for them.
#pragma once

#include <optional>

#include "history/content.h"

namespace wasync {

namespace pb {
class DocumentMessage;
class ImageMessage;
class VideoMessage;
}  // namespace pb

// Pictures, videos, sounds, documents and stickers.
std::optional<Content> media_content(const pb::Message& message);
Content image_content(const pb::ImageMessage& image);
Content video_content(const pb::VideoMessage& video);
Content document_content(const pb::DocumentMessage& document);

}  // namespace wasync
