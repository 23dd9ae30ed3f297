// How long to wait before trying again: the one policy for whatever is retried.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>

namespace wasync {

// Doubles from `first` to `most`; each wait is drawn between half and the whole of that, so that
// many who failed together do not come back together.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;
  explicit Backoff(Milliseconds first = std::chrono::seconds(1),
                   Milliseconds most = std::chrono::minutes(1))
      : first_(first), most_(most), next_(first) {}

  // After a failure. What the other side asked for (Retry-After) is the least, within reason.
  Milliseconds wait(std::optional<Milliseconds> asked = std::nullopt) {
    std::uniform_int_distribution<std::int64_t> between(next_.count() / 2, next_.count());
    const Milliseconds drawn(between(random_));
    next_ = std::min(next_ * 2, most_);
    return std::max(drawn, std::min(asked.value_or(Milliseconds(0)), kMostAsked));
  }
  // The most that anybody may ask for.
  static constexpr Milliseconds kMostAsked = std::chrono::minutes(15);
  // After a success.
  void reset() { next_ = first_; }

 private:
  Milliseconds first_;
  Milliseconds most_;
  Milliseconds next_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace wasync
