#include "base/boot_clock.h"

#include <time.h>

namespace wasync {

BootClock::time_point BootClock::now() {
  timespec passed{};
  clock_gettime(CLOCK_BOOTTIME, &passed);
  return time_point(std::chrono::seconds(passed.tv_sec) + std::chrono::nanoseconds(passed.tv_nsec));
}

}  // namespace wasync
