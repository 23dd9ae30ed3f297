// A conversation as text to read.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "inbox/queries.h"

namespace wasync {

// How to call the writer of an inbound message.
using SenderName = std::function<std::string(const Message&)>;

// Day separators, then "14:30  Maria: text", further lines of a text below its first.
// `messages` in reading order. Everything strangers wrote is disarmed.
std::string conversation_text(const Console& console, const std::vector<StoredMessage>& messages,
                              const SenderName& sender_name);

// "[image, 1.2 MB]", "[audio, 0:12]"; empty for plain text.
std::string content_label(Language language, const Message& message);

}  // namespace wasync
