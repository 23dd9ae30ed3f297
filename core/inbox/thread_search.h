// Finds threads by name, last message, phone or address. Private to the inbox: list_threads is its
// face.
#pragma once

#include <vector>

#include "inbox/queries.h"

namespace wasync {

// Like list_threads, with a `search` that is not empty.
std::vector<ThreadListing> search_threads(Database& database, const ListOptions& options);

}  // namespace wasync
