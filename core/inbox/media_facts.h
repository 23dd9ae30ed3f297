// Where a message's media lie and what opens them. Private to the inbox: nothing shows or sends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "inbox/message.h"

namespace wasync {

class Database;

// A larger one is not kept. WhatsApp's own have one to five kilobytes: they are most of what the
// table costs.
inline constexpr std::size_t kMaxThumbnailBytes = 64 * 1024;

// What of it can be true; nothing without a key, which makes the rest worthless.
std::optional<MediaFacts> sound_media_facts(MediaFacts told);

// Stores them, or adds to what is known of the message. Of two keys the newer one counts, with what
// was told beside it; `told` is sound.
void put_media_facts(Database& database, std::int64_t message, const MediaFacts& told);
std::optional<MediaFacts> load_media_facts(Database& database, std::int64_t message);

}  // namespace wasync
