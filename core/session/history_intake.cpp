#include "session/history_intake.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/log.h"
#include "session/app_state/sync.h"
#include "session/history_progress.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kFirstBackoff{1'000};
constexpr std::chrono::milliseconds kLongestBackoff{30'000};
// With every phase at 100 percent only stragglers are waited for.
constexpr std::chrono::milliseconds kLinger{1'500};

// Whether trying again can help by itself.
bool passes_by_itself(const Error& error) {
  return error.code() == ErrorCode::kNetwork || error.code() == ErrorCode::kTimeout;
}

Error unanswered() {
  return {ErrorCode::kTimeout, "WhatsApp did not answer in time",
          "check the network, then run the command again: it goes on without a new QR code"};
}

class Intake : public std::enable_shared_from_this<Intake> {
 public:
  Intake(const asio::any_io_executor& executor, AccountFile& account,
         const std::filesystem::path& worker_file, HistoryIntakeOptions options,
         HistoryIntakeEvents events, Stop& stop)
      : executor_(executor),
        account_(account),
        options_(std::move(options)),
        events_(std::move(events)),
        stop_(stop),
        progress_(load_device(*account.database).value().full_history_requested),
        worker_(executor, *account.database, worker_file, worker_events(), options_.dry_run),
        app_state_(executor, *account.database, worker_file, app_state_events()),
        quiet_timer_(executor),
        retry_timer_(executor),
        backoff_timer_(executor),
        idle_timer_(executor) {}

  asio::awaitable<HistoryIntakeResult> run() {
    const auto self = shared_from_this();
    const Waking waking(stop_);
    stop_.wake_by([self](const std::exception_ptr& reason) { self->end(reason); });
    try {
      resume();
      await_quiet();
      co_await stay_online();
    } catch (...) {
      end(std::current_exception());
    }
    co_await workers_idle();
    if (!ended_quietly_) std::rethrow_exception(end_);
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
    app_state_awaits_login_ = !options_.dry_run && app_state_.is_wanted();
    app_state_deadline_ = std::chrono::steady_clock::now() + options_.stall;
  }

  asio::awaitable<void> stay_online() {
    while (!end_) {
      const Error reason = co_await one_connection();
      online_ = false;
      trouble_ = reason;
      if (end_) co_return;
      if (!passes_by_itself(reason)) throw Error(reason);
      events_.on_reconnecting(reason.what());
      if (std::exchange(come_back_at_once_, false)) continue;
      backoff_timer_.expires_after(backoff_);
      boost::system::error_code cancelled;
      co_await backoff_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      backoff_ = std::min(backoff_ * 2, kLongestBackoff);
    }
  }

  asio::awaitable<Error> one_connection() {
    SessionEvents events;
    bool ready = false;
    events.on_ready = [this, &ready] {
      ready = true;
      online_ = true;
      backoff_ = kFirstBackoff;
      start_draining();
      start_app_state();
      app_state_awaits_login_ = false;
    };
    events.on_app_state = [this] { start_app_state(); };
    events.on_history_queued = [this] {
      await_quiet();
      start_draining();
    };
    session_ = std::make_shared<Session>(executor_, *account_.database, options_.session,
                                         std::move(events));
    Error reason(ErrorCode::kNetwork, "the connection ended");
    try {
      co_await session_->run();
    } catch (const Error& error) {
      reason = error;
    }
    // Not for a server that says so to everybody at once.
    come_back_at_once_ = ready && session_->restart_demanded();
    co_return reason;
  }

  // For what the event loop calls: there is nobody to catch an exception.
  template <typename Action>
  void guarded(Action action) {
    try {
      action();
    } catch (...) {
      end(std::current_exception());
    }
  }

  HistoryWorkerEvents worker_events() {
    HistoryWorkerEvents events;
    events.on_progress = [this](const ChunkStatus& status) {
      guarded([&] {
        await_quiet();
        events_.on_progress(status);
      });
    };
    events.on_done = [this](const ChunkStatus& status) {
      result_.damaged_parts += status.damaged;
      progress_.chunk_done(status.type, status.progress);
      await_quiet();
      events_.on_progress(status);
    };
    events.on_failed = [this](const ChunkStatus& status, const Error& error) {
      ++result_.failed_chunks;
      if (!result_.first_failure) result_.first_failure = error;
      // A chunk that is lost for good does not come again: count it as come.
      progress_.chunk_done(status.type, status.progress);
      await_quiet();
      events_.on_chunk_failed(status, error);
    };
    return events;
  }

  void start_draining() {
    if (end_) return;
    if (draining_) {
      drain_again_ = true;
      return;
    }
    draining_ = true;
    asio::co_spawn(executor_, drain(shared_from_this()), asio::detached);
  }

  static asio::awaitable<void> drain(std::shared_ptr<Intake> self) {
    try {
      do {
        self->drain_again_ = false;
        co_await self->drain_once();
      } while (self->drain_again_ && !self->end_);
      self->drain_when_due();
    } catch (...) {
      self->end(std::current_exception());
    }
    self->draining_ = false;
    self->idle_timer_.cancel();
  }

  asio::awaitable<void> drain_once() {
    const auto session = session_;
    try {
      co_await worker_.drain(session);
    } catch (const Error& error) {
      // Without network the queue waits for the next connection, which drains again.
      if (!passes_by_itself(error)) throw;
      log::debug("the history waits for a connection: {}", error.what());
    }
  }

  void start_app_state() {
    if (end_ || options_.dry_run) return;
    const bool awaited = app_state_awaits_login_ || app_state_.unfinished();
    app_state_.start(session_);
    if (!awaited) app_state_deadline_ = std::chrono::steady_clock::now() + options_.stall;
  }

  AppStateSync::Events app_state_events() {
    AppStateSync::Events events;
    events.on_failed = [this](const std::exception_ptr& reason) { end(reason); };
    events.on_idle = [this] {
      idle_timer_.cancel();
      if (only_app_state_is_awaited_) guarded([&] { end_if_quiet(); });
    };
    return events;
  }

  // Names belong to the history; but not at any price.
  bool app_state_is_awaited() const {
    return !options_.dry_run && (app_state_awaits_login_ || app_state_.unfinished()) &&
           std::chrono::steady_clock::now() < app_state_deadline_;
  }

  // A chunk that could not be downloaded is tried again while we are online; and with it app
  // state, which comes from the same hosts.
  void drain_when_due() {
    const auto due = HistoryQueue(*account_.database).next_due();
    if (!due || end_ || !session_->is_open()) return;
    retry_timer_.expires_after(
        std::chrono::seconds(std::max<std::int64_t>(1, due->value - UnixSeconds::now().value)));
    retry_timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (cancelled || !self->online_) return;  // else the next login starts both
      self->start_draining();
      self->start_app_state();
    });
  }

  // After the end a worker may still be inside a chunk; it stops at its next commit.
  asio::awaitable<void> workers_idle() {
    worker_.stop();
    app_state_.stop();
    while (draining_ || app_state_.busy()) {
      idle_timer_.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code cancelled;
      co_await idle_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
  }

  void await_quiet() {
    if (end_) return;
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
    quiet_timer_.expires_at(when);
    quiet_timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->guarded([&] { self->end_if_quiet(); });
    });
  }

  void end_if_quiet() {
    if (end_) return;
    if (app_state_is_awaited()) {
      only_app_state_is_awaited_ = true;
      check_quiet_at(app_state_deadline_);
      return;
    }
    if (draining_) {  // a download or an ingestion, which have deadlines of their own
      await_quiet();
      return;
    }
    // Offline it is no wonder that nothing came.
    if (!online_ && progress_.verdict() != HistoryProgress::Verdict::kComplete) {
      end(std::make_exception_ptr(trouble_.value_or(unanswered())));
      return;
    }
    ended_quietly_ = true;
    end(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "the history has ended")));
  }

  void end(const std::exception_ptr& reason) {
    if (end_) return;
    end_ = reason;
    quiet_timer_.cancel();
    retry_timer_.cancel();
    backoff_timer_.cancel();
    if (session_) session_->close(reason);
  }

  asio::any_io_executor executor_;
  AccountFile& account_;
  HistoryIntakeOptions options_;
  HistoryIntakeEvents events_;
  Stop& stop_;
  HistoryProgress progress_;
  HistoryWorker worker_;
  AppStateSync app_state_;
  std::shared_ptr<Session> session_;
  asio::steady_timer quiet_timer_;
  asio::steady_timer retry_timer_;
  asio::steady_timer backoff_timer_;
  asio::steady_timer idle_timer_;
  std::chrono::milliseconds backoff_ = kFirstBackoff;
  bool come_back_at_once_ = false;
  bool online_ = false;
  std::optional<Error> trouble_;  // that ended the last connection
  std::exception_ptr end_;
  bool ended_quietly_ = false;
  bool draining_ = false;
  bool drain_again_ = false;
  bool app_state_awaits_login_ = false;
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
  const auto intake = std::make_shared<Intake>(executor, account, std::move(file),
                                               std::move(options), std::move(events), stop);
  co_return co_await intake->run();
}

}  // namespace wasync
