#include "base/host_sleep.h"

#include <algorithm>
#include <utility>

namespace wasync {

boost::asio::awaitable<void> pass(Wake& wake, BootClock::duration time, BootTime boot_time,
                                  std::function<bool()> over) {
  const auto until = boot_time.now() + time;
  while (!over()) {
    const auto left = until - boot_time.now();
    if (left <= BootClock::duration::zero()) co_return;
    co_await wake.wait_for(std::min<BootClock::duration>(left, boot_time.look_every));
  }
}

BootClock::duration SleepMeter::slept() {
  const auto boot = boot_time_.now();
  const auto awake = std::chrono::steady_clock::now();
  return (boot - std::exchange(boot_, boot)) - (awake - std::exchange(awake_, awake));
}

}  // namespace wasync
