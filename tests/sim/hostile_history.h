// History as an attacker would write it, or a phone whose storage is damaged.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace wasync::sim {

// Chunks in compressed form: one that inflates without end, one whose message is nested
// without end, one with damage between two good names, one that is no zlib stream.
std::vector<Bytes> hostile_chunks();

}  // namespace wasync::sim
