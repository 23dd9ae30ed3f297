#include "session/link/history_intake.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "base/deadline.h"
#include "session/link/history_progress.h"
#include "session/online/online.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// With every phase at 100 percent only stragglers are waited for.
constexpr std::chrono::milliseconds kLinger{1'500};

Error unanswered() {
  return {
      ErrorCode::kTimeout,
      Phrase{"WhatsApp did not answer in time", "WhatsApp nu a răspuns la timp"},
      Phrase{"Check the network, then run the command again: it continues without a new QR code.",
             "Verifică rețeaua, apoi rulează din nou comanda: continuă fără un cod QR nou."}};
}

// Ends being online when it is quiet.
class Intake : public std::enable_shared_from_this<Intake> {
 public:
  Intake(const asio::any_io_executor& executor, const asio::any_io_executor& workers,
         AccountFile& account, const std::filesystem::path& file, HistoryIntakeOptions options,
         HistoryIntakeEvents events, Stop& stop)
      : account_(account),
        options_(std::move(options)),
        events_(std::move(events)),
        stop_(stop),
        progress_(load_device(*account.database).value().full_history_requested),
        online_(std::make_shared<Online>(
            executor, workers, account, file,
            OnlineOptions{.session = options_.session, .dry_run = options_.dry_run},
            online_events())),
        executor_(executor) {}

  asio::awaitable<HistoryIntakeResult> run() {
    const auto self = shared_from_this();
    const Waking waking(stop_);
    stop_.wake_by([self](const std::exception_ptr& reason) { self->online_->end(reason); });
    std::exception_ptr reason;
    try {
      resume();
      await_quiet();
      co_await online_->run();
    } catch (...) {
      reason = std::current_exception();
    }
    quiet_check_.reset();
    if (!ended_quietly_) std::rethrow_exception(reason);
    result_.waiting_chunks = HistoryQueue(*account_.database).counts().waiting;
    result_.complete =
        progress_.verdict() != HistoryProgress::Verdict::kAwaiting && result_.waiting_chunks == 0;
    co_return std::move(result_);
  }

 private:
  // What came before an interruption counts.
  void resume() {
    for (const FinishedChunk& chunk : HistoryQueue(*account_.database).finished()) {
      progress_.chunk_done(chunk.type, static_cast<std::uint32_t>(chunk.progress));
    }
    app_state_deadline_ = std::chrono::steady_clock::now() + options_.stall;
  }

  OnlineEvents online_events() {
    OnlineEvents events;
    events.on_history_queued = [this] { await_quiet(); };
    events.on_chunk_progress = [this](const ChunkStatus& status) {
      await_quiet();
      events_.on_progress(status);
    };
    events.on_chunk_done = [this](const ChunkStatus& status) {
      result_.damaged_parts += status.damaged;
      progress_.chunk_done(status.type, status.progress);
      await_quiet();
      events_.on_progress(status);
    };
    events.on_chunk_failed = [this](const ChunkStatus& status, const Error& error) {
      ++result_.failed_chunks;
      if (!result_.first_failure) result_.first_failure = error;
      // A chunk that is lost for good does not come again: count it as come.
      progress_.chunk_done(status.type, status.progress);
      await_quiet();
      events_.on_chunk_failed(status, error);
    };
    events.on_app_state_begun = [this] {
      app_state_deadline_ = std::chrono::steady_clock::now() + options_.stall;
    };
    events.on_app_state_idle = [this] {
      if (only_app_state_is_awaited_) end_if_quiet();
    };
    events.on_offline = [this](const Error& reason, std::chrono::milliseconds /*wait*/) {
      events_.on_reconnecting(reason.what());
    };
    return events;
  }

  // Names belong to the history; but not at any price.
  bool app_state_is_awaited() const {
    return online_->app_state_unfinished() &&
           std::chrono::steady_clock::now() < app_state_deadline_;
  }

  void await_quiet() {
    if (online_->ended()) return;
    std::chrono::milliseconds patience = options_.stall;
    switch (progress_.verdict()) {
      case HistoryProgress::Verdict::kAwaiting: break;
      case HistoryProgress::Verdict::kPerhapsMore: patience = options_.settle; break;
      case HistoryProgress::Verdict::kComplete:
        patience = std::min(kLinger, options_.settle);
        break;
    }
    // Chunks out of reach deserve the longer patience, but not for ever.
    if (HistoryQueue(*account_.database).next_due()) patience = options_.stall;
    only_app_state_is_awaited_ = false;
    check_quiet_at(std::chrono::steady_clock::now() + patience);
  }

  void check_quiet_at(std::chrono::steady_clock::time_point when) {
    quiet_check_.emplace(executor_, when, [this] {
      try {
        end_if_quiet();
      } catch (...) {
        online_->end(std::current_exception());
      }
    });
  }

  void end_if_quiet() {
    if (online_->ended()) return;
    if (app_state_is_awaited()) {
      only_app_state_is_awaited_ = true;
      check_quiet_at(app_state_deadline_);
      return;
    }
    if (online_->history_busy()) {
      await_quiet();
      return;
    }
    // Offline it is no wonder that nothing came.
    if (!online_->is_online() && progress_.verdict() != HistoryProgress::Verdict::kComplete) {
      online_->end(std::make_exception_ptr(online_->trouble().value_or(unanswered())));
      return;
    }
    ended_quietly_ = true;
    online_->end(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "the history has ended")));
  }

  AccountFile& account_;
  HistoryIntakeOptions options_;
  HistoryIntakeEvents events_;
  Stop& stop_;
  HistoryProgress progress_;
  std::shared_ptr<Online> online_;
  asio::any_io_executor executor_;
  std::optional<Deadline> quiet_check_;
  bool ended_quietly_ = false;
  bool only_app_state_is_awaited_ = false;
  std::chrono::steady_clock::time_point app_state_deadline_{};
  HistoryIntakeResult result_;
};

}  // namespace

asio::awaitable<HistoryIntakeResult> take_in_history(AccountFile& account,
                                                     std::filesystem::path file,
                                                     HistoryIntakeOptions options,
                                                     HistoryIntakeEvents events, Stop& stop) {
  const auto executor = co_await asio::this_coro::executor;
  // History and app state do not hold up each other.
  asio::thread_pool workers(2);
  const auto intake = std::make_shared<Intake>(executor, workers.get_executor(), account, file,
                                               std::move(options), std::move(events), stop);
  co_return co_await intake->run();
}

}  // namespace wasync
