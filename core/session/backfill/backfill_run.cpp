#include "session/backfill/backfill_run.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/wake.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// For the receipts of what came last; the phone gets those that are late at the next login.
constexpr std::chrono::seconds kLastReceipts{5};
constexpr std::chrono::milliseconds kLookEvery{20};

// The two that run side by side, until both have ended.
struct Pair {
  explicit Pair(const asio::any_io_executor& executor) : job_ended(executor) {}

  std::shared_ptr<Online> online{};
  std::shared_ptr<Backfill> job{};
  Wake job_ended;
  bool was_online = false;
  bool job_over = false;
  std::exception_ptr job_failure{};

  OnlineEvents events() {
    OnlineEvents events;
    events.on_ready = [this] {
      was_online = true;
      job->connection_changed();
    };
    events.on_offline = [this](const Error&, std::chrono::milliseconds) {
      job->connection_changed();
    };
    events.on_chunk_done = [this](const ChunkStatus& chunk) { job->chunk_done(chunk); };
    events.on_chunk_failed = [this](const ChunkStatus& chunk, const Error& error) {
      job->chunk_failed(chunk, error);
    };
    events.on_request_failed = [this](const FailedRequest& failed) { job->request_failed(failed); };
    return events;
  }

  BackfillConnection connection() const {
    return {.session = [this]() -> std::shared_ptr<Session> {
              return online->is_online() ? online->session() : nullptr;
            },
            .history_busy = [this] { return online->history_busy(); }};
  }

  asio::awaitable<void> last_receipts() {
    const auto until = std::chrono::steady_clock::now() + kLastReceipts;
    while (online->is_online() && online->history_busy() &&
           std::chrono::steady_clock::now() < until) {
      co_await job_ended.wait_for(kLookEvery);
    }
  }

  asio::awaitable<void> work() {
    try {
      co_await job->run();
    } catch (...) {
      job_failure = std::current_exception();
    }
    co_await last_receipts();
    job_over = true;
    online->end(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "the backfill is over")));
    job_ended.notify();
  }
};

bool is_timeout(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.code() == ErrorCode::kTimeout;
  } catch (...) {
    return false;
  }
}

}  // namespace

asio::awaitable<void> run_backfill(asio::any_io_executor workers, AccountFile& account,
                                   std::filesystem::path file, OnlineOptions online,
                                   BackfillPlan plan, BackfillLimits limits,
                                   Backfill::Report report, Stop& stop) {
  const auto executor = co_await asio::this_coro::executor;
  const auto pair = std::make_shared<Pair>(executor);
  pair->online = std::make_shared<Online>(executor, std::move(workers), account, std::move(file),
                                          std::move(online), pair->events());
  pair->job = std::make_shared<Backfill>(executor, *account.database, std::move(plan), limits,
                                         pair->connection(), std::move(report));
  const Waking waking(stop);
  stop.wake_by([pair](const std::exception_ptr& reason) { pair->job->end(reason); });
  asio::co_spawn(executor, pair->work(), [pair](const std::exception_ptr&) {});
  try {
    co_await pair->online->run();
  } catch (...) {
    pair->job->end(std::current_exception());
  }
  while (!pair->job_over) co_await pair->job_ended.wait();
  if (!pair->job_failure) co_return;
  if (!pair->was_online && pair->online->trouble() && is_timeout(pair->job_failure))
    throw Error(*pair->online->trouble());
  std::rethrow_exception(pair->job_failure);
}

}  // namespace wasync
