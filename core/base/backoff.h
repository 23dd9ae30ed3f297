// How long to wait before a retry. All retries use this one policy.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>

namespace wasync {

// The wait doubles from `first` up to `most`. Each actual wait is a random time between half of it
// and all of it, so that many clients that failed together do not come back together.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;
  explicit Backoff(Milliseconds first = std::chrono::seconds(1),
                   Milliseconds most = std::chrono::minutes(1))
      : first_(first), most_(most), next_(first) {}

  // Returns the wait after a failure. `asked` is what the other side asked for (Retry-After): the
  // wait is at least that long, but `asked` counts only up to kMostAsked.
  Milliseconds wait(std::optional<Milliseconds> asked = std::nullopt) {
    std::uniform_int_distribution<std::int64_t> between(next_.count() / 2, next_.count());
    const Milliseconds drawn(between(random_));
    next_ = std::min(next_ * 2, most_);
    return std::max(drawn, std::min(asked.value_or(Milliseconds(0)), kMostAsked));
  }
  // The longest wait that the other side may ask for.
  static constexpr Milliseconds kMostAsked = std::chrono::minutes(15);
  // Call after a success.
  void reset() { next_ = first_; }

 private:
  Milliseconds first_;
  Milliseconds most_;
  Milliseconds next_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace wasync
