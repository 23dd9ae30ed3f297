#include "base/clock.h"

#include <atomic>
#include <cstdlib>

#include "base/boot_clock.h"

namespace wasync {
namespace {

// A server's answer takes its time, too.
constexpr std::int64_t kToleranceS = 60;
constexpr std::int64_t kFirstWhatsAppDay = 1'230'768'000;  // 2009-01-01
constexpr std::int64_t kNothingLearned = INT64_MIN;

// The right time less the time since this system started, which nobody can set.
std::atomic<std::int64_t> learned{kNothingLearned};

std::int64_t since_start() {
  return std::chrono::floor<std::chrono::seconds>(BootClock::now().time_since_epoch()).count();
}

}  // namespace

UnixSeconds UnixSeconds::now() {
  const UnixSeconds host = of_host();
  const std::int64_t known = learned.load(std::memory_order_relaxed);
  if (known == kNothingLearned) return host;
  const UnixSeconds right{known + since_start()};
  return std::abs(right.value - host.value) > kToleranceS ? right : host;
}

void learn_time(UnixSeconds told) {
  if (told.value < kFirstWhatsAppDay) return;
  learned.store(told.value - since_start(), std::memory_order_relaxed);
}

bool time_was_told() {
  return learned.load(std::memory_order_relaxed) != kNothingLearned;
}

void forget_time() {
  learned.store(kNothingLearned, std::memory_order_relaxed);
}

}  // namespace wasync
