// Why the server ends a stream or refuses one, as an Error with a sentence and a hint.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "wire/node.h"

namespace wasync {

// A <stream:error> after which the server wants us back at once: so it ends a pairing, and
// a session now and then.
bool demands_restart(const Node& node);

// The Error that a <stream:error>, <failure> or <xmlstreamend> means; nothing for any
// other node. kNetwork: connecting again may help, all others: not without somebody doing
// something. Codes: whatsmeow connectionevents.go, types/events.
std::optional<Error> stream_end(const Node& node);

// The Error of an IQ answered with type "error".
Error refused_query(std::string_view what, const Node& answer);

}  // namespace wasync
