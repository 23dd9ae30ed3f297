// Waiting in a coroutine until something has changed, or a moment has come.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <utility>

namespace wasync {

// Says that something may have changed, not what: whoever was woken looks again, in a loop where
// there may be several reasons. A call of `notify` that finds nobody waiting is not remembered, so
// nothing may be awaited between the look and the wait. Lives on the thread that runs `executor`.
class Wake {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Wake(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  // Wakes whoever waits; they may do without the Wake from then on.
  ~Wake() { notify(); }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Several may wait at once, each for a time of its own.
  boost::asio::awaitable<void> wait() { return wait_until(Clock::time_point::max()); }
  boost::asio::awaitable<void> wait_for(Clock::duration time) {
    return wait_until(Clock::now() + time);
  }
  boost::asio::awaitable<void> wait_until(Clock::time_point time) {
    return wait_until(executor_, waiting_, time);
  }
  // Wakes all of them.
  void notify() {
    for (boost::asio::steady_timer& each : *waiting_) each.cancel();
  }

 private:
  using Waiting = std::list<boost::asio::steady_timer>;
  static boost::asio::awaitable<void> wait_until(boost::asio::any_io_executor executor,
                                                 std::shared_ptr<Waiting> waiting,
                                                 Clock::time_point time);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

}  // namespace wasync
