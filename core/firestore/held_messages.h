// Messages of a thread that Firestore holds, written by whoever: where older ones can be asked for
// from.
#pragma once

#include <cstdint>
#include <vector>

#include "firestore/client.h"
#include "inbox/ids.h"
#include "inbox/queries.h"

namespace wasync::firestore {

// The oldest that have a usable key, oldest first, of the first `limit`. Costs as many reads.
// Throws FailedRequest, and what credentials throw.
std::vector<Anchor> oldest_held(Client& client, const ThreadId& thread, std::int64_t limit);

}  // namespace wasync::firestore
