// Numbers in texts for people: "1 message", "1,234 messages", "20 de mesaje".
#pragma once

#include <cstdint>

#include "base/phrase.h"

namespace wasync {

// The noun that a number counts: "message", "mesaj" and "messages", "mesaje".
struct Noun {
  Phrase one;
  Phrase many;
};

namespace noun {
inline constexpr Noun kConversation{{"conversation", "conversație"},
                                    {"conversations", "conversații"}};
inline constexpr Noun kMessage{{"message", "mesaj"}, {"messages", "mesaje"}};
inline constexpr Noun kOlderMessage{{"older message", "mesaj mai vechi"},
                                    {"older messages", "mesaje mai vechi"}};
inline constexpr Noun kContact{{"contact", "contact"}, {"contacts", "contacte"}};
inline constexpr Noun kChunk{{"chunk", "fragment"}, {"chunks", "fragmente"}};
inline constexpr Noun kDocument{{"document", "document"}, {"documents", "documente"}};
inline constexpr Noun kSecond{{"second", "secundă"}, {"seconds", "secunde"}};
inline constexpr Noun kMinute{{"minute", "minut"}, {"minutes", "minute"}};
inline constexpr Noun kHour{{"hour", "oră"}, {"hours", "ore"}};
inline constexpr Noun kDay{{"day", "zi"}, {"days", "zile"}};
}  // namespace noun

// The number and the right form of the noun.
Words counted(const Noun& noun, std::int64_t count);
// The number with each language's thousands separator.
Words grouped(std::int64_t number);

}  // namespace wasync
