// Before the first upload of an account: what Firestore already holds of it.
#pragma once

#include <cstdint>

#include "firestore/client.h"

namespace wasync {
class Database;
}

namespace wasync::firestore {

// By what an account's file remembers a target: see upload_target in inbox/dirty.h.
std::string name_of(const Target& target);

// Reads the account's document and its threads, page by page, into `database`, unless that was done
// for this target before. Returns how many threads there were. Can be broken off and repeated.
std::int64_t adopt(Database& database, Client& client);

}  // namespace wasync::firestore
