#include "session/online/online.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "base/free_space.h"
#include "base/log.h"
#include "session/connection/newer_version.h"
#include "session/device/generation.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Tried one after the other before WhatsApp's refusal is believed.
constexpr int kMostVersions = 3;
constexpr std::chrono::seconds kSleep{5};  // of the host: what is shorter is none

}  // namespace

bool passes_by_itself(const Error& error) {
  return error.code() == ErrorCode::kNetwork || error.code() == ErrorCode::kTimeout;
}

Online::Online(asio::any_io_executor executor, asio::any_io_executor workers, AccountFile& account,
               std::filesystem::path file, OnlineOptions options, OnlineEvents events)
    : executor_(std::move(executor)),
      workers_(workers),
      account_(account),
      options_(std::move(options)),
      events_(std::move(events)),
      history_(executor_, workers, *account.database, file, worker_events(), options_.dry_run,
               options_.waits_for_room ? free_bytes : HistoryWorker::FreeBytes()),
      app_state_(executor_, workers, *account.database, file, app_state_events()),
      backoff_(options_.first_backoff, options_.most_backoff),
      ended_(executor_),
      idle_(executor_) {
  app_state_awaits_login_ = !options_.dry_run && app_state_.is_wanted();
}

asio::awaitable<void> Online::run() {
  const auto self = shared_from_this();
  try {
    co_await stay();
  } catch (...) {
    end(std::current_exception());
  }
  co_await workers_idle();
  std::rethrow_exception(end_);
}

// Whatever stood in the way before the host slept need not do so now: it tries at once and often.
asio::awaitable<void> Online::stay() {
  SleepMeter meter(options_.boot_time);
  while (!end_) {
    const Error reason = co_await one_connection();
    online_ = false;
    trouble_ = reason;
    if (end_) co_return;
    const bool newer =
        reason.code() == ErrorCode::kClientOutdated && co_await found_newer_version();
    if (end_) co_return;
    if (!newer && !passes_by_itself(reason)) throw Error(reason);
    const bool at_once = std::exchange(come_back_at_once_, false) || newer;
    if (meter.slept() > kSleep) backoff_.reset();
    const auto wait = at_once ? std::chrono::milliseconds(0) : backoff_.wait();
    if (events_.on_offline) events_.on_offline(reason, wait);
    std::function<bool()> over = [this] { return ended(); };
    if (!at_once) co_await pass(ended_, wait, options_.boot_time, std::move(over));
    if (options_.before_another && !end_) co_await options_.before_another();
  }
}

asio::awaitable<bool> Online::found_newer_version() {
  if (++versions_refused_ > kMostVersions) co_return false;
  auto newer = co_await newer_version(workers_, options_.session.companion_again,
                                      options_.session.companion);
  if (!newer) co_return false;
  options_.session.companion = *std::move(newer);
  co_return true;
}

asio::awaitable<Error> Online::one_connection() {
  bool ready = false;
  SessionEvents events;
  events.on_ready = [this, &ready] {
    ready = true;
    logged_in();
  };
  events.on_app_state = [this] { start_app_state(); };
  events.on_history_queued = [this] {
    if (events_.on_history_queued) events_.on_history_queued();
    start_draining();
  };
  events.on_message = events_.on_message;
  events.on_request_failed = events_.on_request_failed;
  events.on_generation = [this] { note_generation(*account_.database, account_.generation_file); };
  session_ =
      std::make_shared<Session>(executor_, *account_.database, options_.session, std::move(events));
  Error reason(ErrorCode::kNetwork, "the connection ended");
  try {
    co_await session_->run();
  } catch (const Error& error) {
    reason = error;
  }
  if (session_->brought_anything()) options_.session.silent_before = 0;
  if (session_->fell_silent()) ++options_.session.silent_before;
  // Not for a server that says so to everybody at once.
  come_back_at_once_ = ready && (session_->restart_demanded() || session_->fell_silent());
  co_return reason;
}

void Online::logged_in() {
  online_ = true;
  versions_refused_ = 0;
  backoff_.reset();
  start_draining();
  start_app_state();
  app_state_awaits_login_ = false;
  if (events_.on_ready) events_.on_ready();
}

// For what the event loop calls: there is nobody to catch an exception.
void Online::guarded(const std::function<void()>& action) {
  try {
    action();
  } catch (...) {
    end(std::current_exception());
  }
}

HistoryWorkerEvents Online::worker_events() {
  HistoryWorkerEvents events;
  events.on_progress = [this](const ChunkStatus& status) {
    if (events_.on_chunk_progress) guarded([&] { events_.on_chunk_progress(status); });
  };
  events.on_done = [this](const ChunkStatus& status) {
    if (events_.on_chunk_done) events_.on_chunk_done(status);
  };
  events.on_failed = [this](const ChunkStatus& status, const Error& error) {
    if (events_.on_chunk_failed) events_.on_chunk_failed(status, error);
  };
  return events;
}

void Online::start_draining() {
  if (end_) return;
  if (draining_) {
    drain_again_ = true;
    return;
  }
  draining_ = true;
  asio::co_spawn(executor_, drain(shared_from_this()), asio::detached);
}

asio::awaitable<void> Online::drain(std::shared_ptr<Online> self) {
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
  self->idle_.notify();
}

asio::awaitable<void> Online::drain_once() {
  const auto session = session_;
  try {
    co_await history_.drain(session);
  } catch (const Error& error) {
    // Without network the queue waits for the next connection, which drains again.
    if (!passes_by_itself(error)) throw;
    log::debug("the history waits for a connection: {}", error.what());
  }
}

// A chunk that could not be downloaded is tried again while we are online; and with it app
// state, which comes from the same hosts.
void Online::drain_when_due() {
  const auto due = HistoryQueue(*account_.database).next_due();
  if (!due || end_ || !session_->is_open()) return;
  const auto wait = std::clamp(std::chrono::seconds(due->value - UnixSeconds::now().value),
                               std::chrono::seconds(1), HistoryQueue::kLongestWait);
  retry_.emplace(executor_, std::chrono::steady_clock::now() + wait, [this] {
    if (!online_) return;  // the next login starts both
    guarded([this] {
      start_draining();
      start_app_state();
    });
  });
}

void Online::start_app_state() {
  if (end_ || options_.dry_run) return;
  const bool awaited = app_state_unfinished();
  app_state_.start(session_);
  if (!awaited && events_.on_app_state_begun) events_.on_app_state_begun();
}

AppStateSync::Events Online::app_state_events() {
  AppStateSync::Events events;
  events.on_failed = [this](const std::exception_ptr& reason) { end(reason); };
  events.on_idle = [this] {
    idle_.notify();
    if (events_.on_app_state_idle && !end_) guarded([this] { events_.on_app_state_idle(); });
  };
  return events;
}

// After the end a worker may still be inside a chunk; it stops at its next commit.
asio::awaitable<void> Online::workers_idle() {
  history_.stop();
  app_state_.stop();
  while (draining_ || app_state_.busy()) co_await idle_.wait();
}

void Online::end(const std::exception_ptr& reason) {
  if (end_) return;
  end_ = reason;
  retry_.reset();
  ended_.notify();
  if (session_) session_->close(reason);
}

}  // namespace wasync
