// Lets a coroutine wait until something has changed, or a time has come.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <utility>

namespace wasync {

// Says that something may have changed, not what. A woken coroutine checks again, in a loop when
// there may be several reasons. A `notify` is lost when no coroutine waits, so a coroutine must not
// await anything between its check and the wait. Use it on the thread that runs `executor`.
class Wake {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Wake(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  // Wakes all waiting coroutines; they no longer need the Wake.
  ~Wake() { notify(); }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Several coroutines may wait at once, each until its own time.
  boost::asio::awaitable<void> wait() { return wait_until(Clock::time_point::max()); }
  boost::asio::awaitable<void> wait_for(Clock::duration time) {
    return wait_until(Clock::now() + time);
  }
  boost::asio::awaitable<void> wait_until(Clock::time_point time) {
    return wait_until(executor_, waiting_, time);
  }
  // Wakes all waiting coroutines.
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
