// What `listen` knows of an account since the process started, and how it reports it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "firestore/uploader.h"
#include "service/held_account.h"
#include "service/service_view.h"
#include "session/receive/message_stanza.h"

namespace wasync {

// Used from one io_context thread.
class AccountRecord {
 public:
  // `instance`: who we are. `held` outlives this object.
  AccountRecord(const HeldAccount& held, std::string instance);

  // What happens to the account. Each is told as an event, one that is as before only once.
  void connected(const std::string& phone);
  void disconnected(const MessageCounts& ended, const Error& reason,
                    std::chrono::milliseconds retry_in);
  // Not connected any more until something changes: by itself after `retry_in`, or when told to.
  void halted(const Error& why, std::optional<std::chrono::milliseconds> retry_in);
  void waits_for(const std::string& holder, bool elsewhere);

  // These are not told.
  void taken();
  void offline();
  void stored(std::uint64_t messages);  // that came just now
  void left_out(std::int64_t more);     // of history
  // If it fails as before, that is told again.
  void forget_halt() { halt_.reset(); }

  UnixSeconds last_message() const { return last_message_; }
  // As others ask for it, from memory alone, however often strangers ask: what only the account's
  // file knows is missing (add_stored). Counters include those of the session there is.
  RunningAccount view(const std::optional<firestore::UploadState>& upload) const;
  // Why it is not connected; nothing while it is, and as long as nothing was tried.
  std::optional<Error> trouble() const;

 private:
  const HeldAccount& held_;
  std::string instance_;
  AccountCounters counters_;  // of sessions that have ended, and reconnects
  UnixSeconds connected_since_{};
  UnixSeconds last_message_{};
  std::string holder_;         // who has it instead of us
  std::optional<Error> halt_;  // as reported
};

// Adds what the account's file says: its status, when WhatsApp was last heard of, and the counts of
// what strangers send. They cost the more the more strangers have sent: not for the network thread.
void add_stored(Database& file, RunningAccount& account);

}  // namespace wasync
