// Waits of a host that may sleep meanwhile.
//
// std::chrono::steady_clock, and so every timer, stands still during a suspend: a wait of minutes
// that began before one is not over by then. What matters to others meanwhile, such as a lease or a
// connection, goes by the BootClock.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>

#include "base/boot_clock.h"
#include "base/wake.h"

namespace wasync {

// How a part of the program goes by that clock; a test sets its own.
struct BootTime {
  std::function<BootClock::time_point()> now = BootClock::now;
  // A sleep is noticed so long after it at the latest.
  std::chrono::milliseconds look_every{5'000};
};

// Returns when `time` has passed by that clock, or when `wake` is notified and `over` says so.
boost::asio::awaitable<void> pass(Wake& wake, BootClock::duration time, BootTime boot_time,
                                  std::function<bool()> over);

// Tells how long the host has slept.
class SleepMeter {
 public:
  explicit SleepMeter(BootTime boot_time) : boot_time_(std::move(boot_time)) { slept(); }
  // Since the last call. A busy host makes it up to some milliseconds by itself.
  BootClock::duration slept();

 private:
  BootTime boot_time_;
  BootClock::time_point boot_{};
  std::chrono::steady_clock::time_point awake_{};
};

}  // namespace wasync
