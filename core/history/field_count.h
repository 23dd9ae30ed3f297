// A protobuf takes many times its size in memory when it is parsed: each empty message in a list is
// two bytes on the wire, and an object here.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace wasync {

// Of a message and all that are in it. What people write has some hundreds; a text of 65,536
// characters that happens to look like a message has less than half of these.
inline constexpr std::size_t kMostFields = 100'000;

// Whether `message` may be parsed. Counts each value that can be read as a message as one.
bool has_few_fields(BytesView message);

}  // namespace wasync
