// One account while `listen` runs: waits until it may have it, keeps it online, and lets it go when
// it is told to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "firestore/uploader.h"
#include "service/backfill_schedule.h"
#include "service/control.h"
#include "service/service.h"
#include "session/backfill/backfill.h"
#include "session/device/account_file.h"
#include "session/online/online.h"

namespace wasync {

namespace firestore {
class ClientThread;
}
class LeaseHolder;

// Used from one io_context thread; held by shared_ptr; run() once.
class AccountRun : public std::enable_shared_from_this<AccountRun> {
 public:
  // `state`, `options`, `uploader` and `leases` (both null without Firestore) and what `report`
  // uses outlive run().
  AccountRun(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
             const StateDir& state, AccountId id, ServiceOptions& options,
             firestore::Uploader* uploader, firestore::ClientThread* leases,
             Service::Report report);
  ~AccountRun();

  // Until stop(), or until the account is deleted. Whatever goes wrong with it is reported, and
  // tried again.
  boost::asio::awaitable<void> run();
  void stop();
  void retry();
  RunningAccount view() const;
  // See ServiceView. Throws Error when it cannot start.
  BackfillStart start_backfill();
  // For the schedule: how the account stands, and one backfill as far as it may begin now. Returns
  // when it is over; what goes wrong is reported.
  BackfillStanding backfill_standing() const;
  boost::asio::awaitable<void> scheduled_backfill(BackfillTrigger trigger);

 private:
  struct Rest {
    std::chrono::milliseconds time{};
    bool until_told = false;
  };

  boost::asio::awaitable<void> one_hold();
  bool is_linked();
  bool is_held_by_another();
  boost::asio::awaitable<bool> claim();
  boost::asio::awaitable<void> keep_claim();
  boost::asio::awaitable<void> hold();
  boost::asio::awaitable<Error> stay_online();
  boost::asio::awaitable<Error> online_once();
  boost::asio::awaitable<void> let_go(const Error& reason);
  boost::asio::awaitable<void> rest(const Error& reason);
  boost::asio::awaitable<void> refresh_companion();
  boost::asio::awaitable<void> pause(std::chrono::milliseconds time);
  OnlineEvents online_events();
  void start_uploads();
  boost::asio::awaitable<void> end_uploads();
  void note_messages(std::uint64_t messages);
  void store_realtime_times();
  void end(const Error& reason);
  bool wanted() const { return !stopped_ && !released_; }
  void halted(const Error& why, std::optional<std::chrono::milliseconds> retry_in);
  void waiting_for(const std::string& holder, bool elsewhere);
  std::string trouble() const;
  nlohmann::ordered_json status_line() const;
  nlohmann::ordered_json answer_repair(const nlohmann::ordered_json& request);
  boost::asio::awaitable<nlohmann::ordered_json> answer(nlohmann::ordered_json request,
                                                        std::shared_ptr<ControlAsker> asker);

  // account_ping.cpp
  boost::asio::awaitable<nlohmann::ordered_json> answer_ping(nlohmann::ordered_json request);

  // account_backfill.cpp
  boost::asio::awaitable<BackfillPlan> with_held_anchors(BackfillPlan plan);
  std::shared_ptr<Backfill> make_backfill(const BackfillRequest& request, Backfill::Report report,
                                          bool scheduled);
  boost::asio::awaitable<void> work_off(std::shared_ptr<Backfill> job);
  void run_backfill(const std::shared_ptr<Backfill>& job,
                    std::function<void(const std::exception_ptr&)> over);
  boost::asio::awaitable<nlohmann::ordered_json> answer_backfill(
      nlohmann::ordered_json request, std::shared_ptr<ControlAsker> asker);
  boost::asio::awaitable<void> end_backfill(const Error& reason);

  // account_auto_backfill.cpp
  void take_up_scheduled();
  void note_history_chunk(const ChunkStatus& chunk);
  boost::asio::awaitable<bool> claim_backfill(std::shared_ptr<LeaseHolder> lease);
  boost::asio::awaitable<void> fill(BackfillTrigger trigger);
  void note_filling(BackfillTrigger trigger);
  void note_filled(const service_event::BackfillEnded& ended);

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor workers_;
  const StateDir& state_;
  AccountId id_;
  ServiceOptions& options_;
  firestore::Uploader* uploader_;
  firestore::ClientThread* leases_;
  Service::Report report_;
  std::filesystem::path path_;
  std::unique_ptr<LeaseHolder> lease_;
  std::shared_ptr<LeaseHolder> backfill_lease_;  // of the last scheduled backfill

  std::optional<AccountFile> file_;
  std::shared_ptr<Online> online_;
  std::unique_ptr<ControlServer> control_;
  std::shared_ptr<Backfill> backfill_;  // the one that runs
  bool filling_ = false;                // a scheduled one has begun, and its end is not stored yet
  std::optional<std::string> last_skip_;  // as reported: who had the lease
  UnixSeconds last_attempt_{};            // of a scheduled one
  UnixSeconds last_success_{};
  UnixSeconds last_turn_{};
  std::chrono::steady_clock::time_point history_quiet_at_{};
  boost::asio::steady_timer pause_timer_;
  boost::asio::steady_timer lease_timer_;
  boost::asio::steady_timer upload_timer_;
  boost::asio::steady_timer realtime_timer_;
  boost::asio::steady_timer backfill_timer_;
  std::uint64_t holds_ = 0;  // raised when one begins and when it ends
  bool stopped_ = false;
  bool released_ = false;  // somebody else on this host wants it
  bool resting_until_told_ = false;
  bool uploading_ = false;
  bool realtime_pending_ = false;
  std::uint64_t unreported_messages_ = 0;
  std::string holder_;                 // who has it instead of us
  std::string last_halt_;              // as reported
  std::optional<Error> last_trouble_;  // the same, as it was thrown
  std::string phone_;
  AccountCounters counters_;  // of sessions that have ended, and reconnects
  UnixSeconds connected_since_{};
  UnixSeconds last_message_{};
  std::optional<firestore::UploadState> upload_;
};

}  // namespace wasync
