#include "google/googles_time.h"

#include "base/clock.h"
#include "base/log.h"

namespace wasync {

void learn_googles_time(const HttpHead& answer) {
  if (time_was_told()) return;
  const UnixSeconds host = UnixSeconds::of_host();
  const auto ahead = clock_skew(answer, host);
  if (!ahead || std::chrono::abs(*ahead) < kClockTolerance) return;
  log::warn("this host's clock is {} seconds {} Google's: set it right",
            std::chrono::abs(*ahead).count(), ahead->count() > 0 ? "ahead of" : "behind");
  learn_time({host.value - ahead->count()});
}

}  // namespace wasync
