// How many writes a second may be sent. Source: "Ramping up traffic" in Firestore's best practices:
// at most 500 operations a second to a new collection, half as much again every five minutes. Above
// 500 the ramp rises with the traffic, not with the time: five minutes with little traffic lower
// it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace wasync::firestore {

class TrafficRamp {
 public:
  using Clock = std::chrono::steady_clock;
  TrafficRamp(bool limited, Clock::time_point now)
      : limited_(limited), raised_(now), filled_(now) {}

  // How many writes may go out now.
  std::size_t allowance(Clock::time_point now) {
    if (!limited_) return SIZE_MAX;
    for (; now - raised_ >= kRaiseEvery; raised_ += kRaiseEvery) {
      const bool used =
          sent_ >= per_second_ * std::chrono::duration<double>(kRaiseEvery).count() / 2;
      if (used)
        per_second_ = std::min(per_second_ * 1.5, kMost);
      else if (per_second_ < kFirst)  // it was told to slow down, which is over in the end
        per_second_ = std::min(per_second_ * 1.5, kFirst);
      else
        per_second_ = std::max(per_second_ / 1.5, kFirst);
      sent_ = 0;
    }
    const std::chrono::duration<double> passed = now - filled_;
    filled_ = now;
    tokens_ = std::min(tokens_ + passed.count() * per_second_, per_second_);
    // Saves up a little: many tiny batches would not be faster.
    return tokens_ < per_second_ / 5 ? 0 : static_cast<std::size_t>(tokens_);
  }
  void sent(std::size_t writes) {
    if (!limited_) return;
    tokens_ -= static_cast<double>(writes);
    sent_ += static_cast<double>(writes);
  }
  // Call when the service says that it was too much.
  void slow_down(Clock::time_point now) {
    per_second_ = std::max(per_second_ / 2, kLeast);
    tokens_ = 0;
    raised_ = filled_ = now;
  }
  double per_second() const { return per_second_; }

 private:
  static constexpr auto kRaiseEvery = std::chrono::minutes(5);
  static constexpr double kLeast = 10;
  static constexpr double kFirst = 500;
  static constexpr double kMost = 10'000;  // a database's limit until 2022; today's has no figure
  bool limited_;
  double per_second_ = kFirst;
  double tokens_ = kFirst;
  double sent_ = 0;  // since the rate was raised
  Clock::time_point raised_;
  Clock::time_point filled_;
};

}  // namespace wasync::firestore
