// Limits how long a part of a coroutine may take.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace wasync {

// Calls `on_expiry` (which must not throw) once when the time comes, unless destroyed first. The
// callback never runs after destruction, so it may refer to locals that outlive the Deadline. Use
// it on the thread that runs `executor`.
class Deadline {
 public:
  Deadline(const boost::asio::any_io_executor& executor, std::chrono::steady_clock::time_point at,
           std::function<void()> on_expiry)
      : state_(std::make_shared<State>(executor, std::move(on_expiry))) {
    state_->timer.expires_at(at);
    state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
      if (error || !state->armed) return;
      state->expired = true;
      state->on_expiry();
    });
  }
  ~Deadline() {
    state_->armed = false;
    state_->timer.cancel();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool expired() const { return state_->expired; }

 private:
  struct State {
    State(const boost::asio::any_io_executor& executor, std::function<void()> callback)
        : timer(executor), on_expiry(std::move(callback)) {}
    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    bool armed = true;
    bool expired = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace wasync
