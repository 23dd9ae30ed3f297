// Takes over what the Inbox already holds for an account, written by another host or by the backend
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

// Adds a thread that is new here as already uploaded. For a known thread, the newer activity and
// the better name win; it stays dirty where ours is better. Merges a LID's thread into the phone's
// when the phone is known, as InboxWriter does. Returns false for a chat that cannot be a thread.
// Works inside the caller's transaction.
bool adopt_thread(Database& database, const AdoptedThread& told);

}  // namespace wasync
