// Taking over what the Inbox already holds of an account, written by another host or by the backend
// before us, so that a fresh account file neither renames nor reorders anything.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/jid.h"
#include "inbox/message.h"

namespace wasync {

class Database;

// A thread document's facts; empty means absent.
struct AdoptedThread {
  Jid chat{};
  std::string display_name{};
  std::string group_subject{};
  UnixSeconds last_message_at{};
  std::string last_text{};
  std::optional<Direction> direction{};
  std::string last_sender_name{};
  std::uint32_t unread = 0;
  Jid redirect_to{};  // the thread it was merged into
  bool hidden = false;
  bool archived = false;
  bool history_exhausted = false;
  UnixSeconds last_backfill_at{};
};

// A thread that is new here comes as uploaded. Of a known one the newer activity and the better
// name win; it stays dirty where ours is better. One by a LID whose phone is known is merged into
// the phone's, as InboxWriter does. False for a chat that cannot be a thread.
// Inside the caller's transaction.
bool adopt_thread(Database& database, const AdoptedThread& told);

}  // namespace wasync
