// Messages of a thread that Firestore holds, also those of other writers: a request for older
// messages can start from them.
#pragma once

#include <cstdint>
#include <vector>

#include "firestore/client.h"
#include "inbox/ids.h"
#include "inbox/queries.h"

namespace wasync::firestore {

// Of the oldest `limit` messages those with a usable key, the oldest first. Costs `limit` reads.
// Throws FailedRequest, and what credentials throw.
std::vector<Anchor> oldest_held(Client& client, const ThreadId& thread, std::int64_t limit);

}  // namespace wasync::firestore
