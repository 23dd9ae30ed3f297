// Why the server ends a stream or refuses one, as an Error with a sentence and a hint.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "wire/node.h"

namespace wasync {

// The Error that a <stream:error>, <failure> or <xmlstreamend> means; nothing for any
// other node. A demanded restart (515, after pairing) is Error(kNetwork): reconnect.
// Codes: whatsmeow connectionevents.go, types/events.
std::optional<Error> stream_end(const Node& node);

// The Error of an IQ answered with type "error".
Error refused_query(std::string_view what, const Node& answer);

}  // namespace wasync
