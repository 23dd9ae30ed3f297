// Reads what Firestore already holds of an account, before the account's first upload.
#pragma once

#include <cstdint>

#include "firestore/client.h"

namespace wasync {
class Database;
}

namespace wasync::firestore {

// The name under which an account's file remembers a target: see upload_target in inbox/dirty.h.
std::string name_of(const Target& target);

// Reads the account's document and its threads, page by page, into `database`, unless it did so for
// this target before. Returns how many threads there were. May be interrupted and called again.
std::int64_t adopt(Database& database, Client& client);

}  // namespace wasync::firestore
