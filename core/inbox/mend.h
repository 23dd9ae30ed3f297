// Finds and repairs what this program's own rules never leave in an account's file: a thread
// without a time although its messages have one, or two separate threads of one person. Finding
// only reads. Each repair handles one thread, inside the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"

namespace wasync {

class Database;

struct UndatedThread {
  Jid jid;
  UnixSeconds newest{};  // the time of its newest message
};
// Threads without a time that have a message with one.
std::vector<UndatedThread> undated_threads(Database& database);
// Gives the thread the time of its newest message. Returns false when it already has a time, or
// none of its messages has one.
bool date_thread(Database& database, const Jid& jid);

struct UnmergedThread {
  Jid lid;
  Jid phone;
  std::int64_t messages = 0;  // in the LID's thread
};
// Threads of a LID whose phone is known, that do not redirect to the phone's thread.
std::vector<UnmergedThread> unmerged_threads(Database& database);
// Whether the thread of this LID is one of them.
bool is_unmerged(Database& database, const Jid& lid);
// Merges the two, as InboxWriter does when it learns the mapping. Returns false when there is
// nothing to merge.
bool unite_threads(Database& database, const Jid& lid);

// The phone address of a LID, as WhatsApp told us; nothing when it never did.
std::optional<Jid> phone_of_lid(Database& database, const Jid& lid);
// The thread's time; unknown when it has none or is not stored here.
UnixSeconds thread_time(Database& database, const Jid& jid);

}  // namespace wasync
