#include "session/link/link.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/error.h"
#include "base/log.h"
#include "base/wake.h"
#include "session/connection/newer_version.h"
#include "session/link/link_attempt.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using Clock = std::chrono::steady_clock;

// A server whose codes are used up at once is not asked again at once.
constexpr std::chrono::seconds kShortestAttempt{1};
// In a run: each shows a notification on the phone, and WhatsApp counts them.
constexpr int kMostCodes = 8;

}  // namespace

asio::awaitable<void> link_device(LinkOptions options, LinkEvents events, Stop& stop) {
  const auto executor = co_await asio::this_coro::executor;
  const auto deadline = Clock::now() + options.timeout;
  const Waking waking(stop);
  const auto codes_left = std::make_shared<int>(kMostCodes);
  bool asked_again = false;  // which web version is current
  while (true) {
    const auto begun = Clock::now();
    const auto attempt =
        std::make_shared<LinkAttempt>(executor, options, events, deadline, codes_left);
    stop.wake_by([attempt](const std::exception_ptr& reason) { attempt->stop(reason); });
    std::exception_ptr refused;
    try {
      if (co_await attempt->run() == LinkAttempt::Ending::kLinked) co_return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kClientOutdated || asked_again) throw;
      refused = std::current_exception();
    }
    stop.throw_if_requested();
    if (refused) {
      asked_again = true;
      asio::thread_pool worker(1);
      auto newer =
          co_await newer_version(worker.get_executor(), options.companion_again, options.companion);
      stop.throw_if_requested();
      if (!newer) std::rethrow_exception(refused);
      options.companion = *std::move(newer);
      continue;
    }
    if (Clock::now() >= deadline) throw nobody_answered(options);
    log::info("all codes of this connection were used up; asking for new ones");
    if (Clock::now() - begun >= kShortestAttempt) continue;
    Wake stopped(executor);
    stop.wake_by([&stopped](const std::exception_ptr&) { stopped.notify(); });
    co_await stopped.wait_for(kShortestAttempt);
    stop.throw_if_requested();
  }
}

}  // namespace wasync
