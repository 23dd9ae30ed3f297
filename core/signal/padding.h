// The padding WhatsApp puts behind a message's protobuf before Signal encrypts it: 1 to 16
// bytes, each holding their count. (A `v="3"` enc node is not padded; the caller knows.)
#pragma once

#include <optional>

#include "base/bytes.h"

namespace wasync {

Bytes pad(BytesView message);

// Nothing when the bytes are empty, or do not end in a run of equal counts. A run longer than
// 16 is accepted: what arrives here is authenticated, and refusing it would lose a message.
// The view is into `padded`.
std::optional<BytesView> unpad(BytesView padded);

}  // namespace wasync
