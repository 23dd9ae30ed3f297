// Time that goes on while the host sleeps.
#pragma once

#include <chrono>

namespace wasync {

// Since this system started, its sleep included. Nobody can set it.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now();
};

}  // namespace wasync
