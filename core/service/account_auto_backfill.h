// An account's scheduled backfills: whether it is ready for one, the lease among hosts, and the
// record of the result. BackfillSchedule says when.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "service/account_backfills.h"
#include "service/backfill_schedule.h"
#include "service/held_account.h"
#include "service/lease_life.h"

namespace wasync {

class LeaseHolder;

// Used from one io_context thread. Lives as long as the AccountRun, however often that takes the
// account and lets it go.
class AccountAutoBackfill {
 public:
  struct Options {
    std::string instance_id;
    LeaseLife life{};                   // see LeaseHolder::remember
    std::filesystem::path life_file{};  // likewise
    BackfillChoice choice{};
    AutoBackfillOptions schedule{};
  };

  // `leases`: null without Firestore. It, `held` and `backfills` outlive this object.
  AccountAutoBackfill(boost::asio::any_io_executor executor, const HeldAccount& held,
                      AccountBackfills& backfills, firestore::ClientThread* leases,
                      Options options);

  // The account is ours from now on. A backfill that the file still calls running was interrupted:
  // nobody else writes this file. Throws Error(kStore).
  void begin();
  BackfillStanding standing() const;
  void chunk_done(const ChunkStatus& chunk);
  // Does one backfill if the account is ready and the lease is ours. Returns when it is over;
  // reports what goes wrong.
  boost::asio::awaitable<void> run(BackfillTrigger trigger);
  // The account is being let go: a turn that still waits for the lease does not begin.
  void end();
  // Releases the lease of the turn that end() interrupted, if any.
  boost::asio::awaitable<void> release_lease();

 private:
  std::shared_ptr<LeaseHolder> new_lease() const;
  boost::asio::awaitable<bool> claim(std::shared_ptr<LeaseHolder> lease);
  boost::asio::awaitable<void> fill(BackfillTrigger trigger);
  void note_begin(BackfillTrigger trigger);
  void note_end(const service_event::BackfillEnded& ended);

  boost::asio::any_io_executor executor_;
  const HeldAccount& held_;
  AccountBackfills& backfills_;
  firestore::ClientThread* leases_;
  Options options_;
  std::shared_ptr<LeaseHolder> lease_;    // of the last turn, while the account is ours
  std::shared_ptr<LeaseHolder> release_;  // the same, afterwards
  std::optional<std::string> last_skip_;  // as reported: who had the lease
  UnixSeconds last_attempt_{};
  UnixSeconds last_success_{};
  UnixSeconds last_turn_{};
  std::chrono::steady_clock::time_point history_quiet_at_{};
};

}  // namespace wasync
