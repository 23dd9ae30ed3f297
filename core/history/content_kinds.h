// The kinds of content one by one: the main part of content.h's mapping.
#pragma once

#include <cstdint>
#include <optional>

#include "history/content.h"

namespace wasync {

// The content of an unwrapped message, when it is of a kind we map.
std::optional<Content> known_content(const pb::Message& message);

// The field number of content that is neither mapped nor mere control traffic.
std::optional<std::uint32_t> unmapped_field(const pb::Message& message);

}  // namespace wasync
