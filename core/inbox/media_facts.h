// Stores where a message's media are and what decrypts them. This stays in the account's file;
// nothing shows or sends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "inbox/message.h"

namespace wasync {

class Database;

// Larger thumbnails are not kept. WhatsApp's own have one to five kilobytes: they take most of the
// table's space.
inline constexpr std::size_t kMaxThumbnailBytes = 64 * 1024;

// Keeps only the facts that can be true. Returns nothing without a valid key, because the rest is
// worthless without it.
std::optional<MediaFacts> sound_media_facts(MediaFacts told);

// Stores the facts, or adds to those known of the message. Of two keys the newer one wins, with the
// facts that came with it. `told` must be sound (sound_media_facts).
void put_media_facts(Database& database, std::int64_t message, const MediaFacts& told);
std::optional<MediaFacts> load_media_facts(Database& database, std::int64_t message);

}  // namespace wasync
