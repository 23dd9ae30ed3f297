// One account while `listen` runs (account_life.h): waits until it may have the account, keeps it
// online, and lets it go when asked. Its parts do the work meanwhile.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/wake.h"
#include "firestore/uploader.h"
#include "service/account_answers.h"
#include "service/account_arrivals.h"
#include "service/account_auto_backfill.h"
#include "service/account_backfills.h"
#include "service/account_life.h"
#include "service/account_record.h"
#include "service/account_uploads.h"
#include "service/control.h"
#include "service/held_account.h"
#include "service/lease_holder.h"
#include "service/service.h"
#include "session/device/account_file.h"
#include "session/online/online.h"

namespace wasync {

// Used from one io_context thread; held by shared_ptr; run() once.
class AccountRun : public std::enable_shared_from_this<AccountRun> {
 public:
  // `state_dir`, `options`, `uploader` and `leases` (both null without Firestore) and what `report`
  // uses outlive run().
  AccountRun(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
             const StateDir& state_dir, AccountId id, ServiceOptions& options,
             firestore::Uploader* uploader, firestore::ClientThread* leases,
             Service::Report report);
  ~AccountRun();

  // Returns after stop(), or when the account is deleted. Reports whatever goes wrong with it, and
  // tries again.
  boost::asio::awaitable<void> run();
  void stop();
  // Ends a rest at once.
  void retry();

  AccountState state() const { return state_; }
  RunningAccount view() const { return record_.view(uploads_->state()); }
  // See ServiceView. Throws Error when it cannot start.
  BackfillStart start_backfill() { return backfills_.start(options_.backfill); }
  // For the schedule; see AccountAutoBackfill.
  BackfillStanding backfill_standing() const { return auto_backfill_.standing(); }
  boost::asio::awaitable<void> scheduled_backfill(BackfillTrigger trigger);

 private:
  HeldAccount as_held(Service::Report report);
  void turn(AccountTurn what) { state_ = after(state_, what); }
  void end(const Error& reason);
  void release(const Error& reason);
  boost::asio::awaitable<void> pause(std::chrono::milliseconds time);
  boost::asio::awaitable<void> until_taken_by_another();

  boost::asio::awaitable<void> look();
  bool is_linked();
  bool is_held_by_another();
  boost::asio::awaitable<bool> claim();
  boost::asio::awaitable<void> keep_claim(std::weak_ptr<AccountFile> file);
  boost::asio::awaitable<void> renew();
  boost::asio::awaitable<void> renew_if_lapsed();

  boost::asio::awaitable<void> hold();
  boost::asio::awaitable<Error> stay_online();
  boost::asio::awaitable<Error> online_once();
  OnlineEvents online_events();
  boost::asio::awaitable<void> rest(const Error& reason);
  boost::asio::awaitable<void> refresh_companion();
  boost::asio::awaitable<void> let_go(const Error& reason);

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor workers_;
  const StateDir& state_dir_;
  AccountId id_;
  ServiceOptions& options_;
  std::filesystem::path path_;
  AccountState state_ = AccountState::kLooking;
  std::string phone_;
  std::unique_ptr<LeaseHolder> lease_;  // null without Firestore
  Wake pause_over_;
  Wake lease_over_;

  // While it is ours.
  std::shared_ptr<AccountFile> file_;
  std::unique_ptr<ControlServer> control_;
  std::shared_ptr<Online> online_;  // null at rest

  HeldAccount held_;
  AccountRecord record_;
  std::shared_ptr<AccountUploads> uploads_;
  AccountArrivals arrivals_;
  AccountBackfills backfills_;
  AccountAutoBackfill auto_backfill_;
  AccountAnswers answers_;
};

}  // namespace wasync
