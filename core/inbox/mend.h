// What can stand in an account's file that this program's own rules never leave there: a thread
// without a time although its messages have one, a person's two threads side by side. Found by
// looking only, and put right one by one, each inside the caller's transaction.
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
  UnixSeconds newest{};  // of its messages
};
// Threads without a time that have a message with one.
std::vector<UndatedThread> undated_threads(Database& database);
// False when it has a time, or none of its messages has one.
bool date_thread(Database& database, const Jid& jid);

struct UnmergedThread {
  Jid lid;
  Jid phone;
  std::int64_t messages = 0;  // of the LID's thread
};
// Threads of a LID whose phone is known, that do not redirect to the phone's.
std::vector<UnmergedThread> unmerged_threads(Database& database);
// As InboxWriter does when it learns of the two. False when there is nothing to merge.
bool unite_threads(Database& database, const Jid& lid);

// Whose the LID is, as WhatsApp told us; nothing: it never did.
std::optional<Jid> phone_of_lid(Database& database, const Jid& lid);
// The time of a thread that has one; unknown for others, and for those that are not stored here.
UnixSeconds thread_time(Database& database, const Jid& jid);

}  // namespace wasync
