#include "firestore/traffic_ramp.h"

#include <doctest/doctest.h>

namespace traffic_ramp_test {

using namespace wasync::firestore;
using namespace std::chrono_literals;

namespace {

// How many are let through in this much time, asked for every 100 ms.
std::size_t let_through(TrafficRamp& ramp, TrafficRamp::Clock::time_point& now,
                        std::chrono::milliseconds time) {
  std::size_t sum = 0;
  for (const auto end = now + time; now < end; now += 100ms) {
    const std::size_t many = ramp.allowance(now);
    ramp.sent(many);
    sum += many;
  }
  return sum;
}

}  // namespace

TEST_CASE("500 a second at first, half as much again every five minutes") {
  TrafficRamp::Clock::time_point now{};
  TrafficRamp ramp(true, now);
  const std::size_t first = let_through(ramp, now, 60s);
  CHECK(first >= 29'000);
  CHECK(first <= 30'500);
  let_through(ramp, now, 4min);
  const std::size_t later = let_through(ramp, now, 60s);
  CHECK(later >= 44'000);
  CHECK(later <= 45'800);
}

TEST_CASE("idle time is not saved up") {
  TrafficRamp::Clock::time_point now{};
  TrafficRamp ramp(true, now);
  now += 1h;
  CHECK(ramp.allowance(now) == 500);
}

TEST_CASE("the ramp goes down again while there is little to send") {
  TrafficRamp::Clock::time_point now{};
  TrafficRamp ramp(true, now);
  let_through(ramp, now, 11min);
  CHECK(ramp.per_second() > 1'000);
  now += 6min;
  ramp.allowance(now);
  CHECK(ramp.per_second() < 1'000);
  now += 1h;
  ramp.allowance(now);
  CHECK(ramp.per_second() == 500);
}

TEST_CASE("told to slow down, it comes back to 500 a second, with traffic or without") {
  TrafficRamp::Clock::time_point now{};
  TrafficRamp ramp(true, now);
  for (int i = 0; i < 3; ++i) ramp.slow_down(now);
  CHECK(ramp.per_second() < 100);
  now += 1h;
  ramp.allowance(now);
  CHECK(ramp.per_second() == 500);
}

TEST_CASE("told that it is too much, it sends half as much") {
  TrafficRamp::Clock::time_point now{};
  TrafficRamp ramp(true, now);
  ramp.slow_down(now);
  CHECK(ramp.allowance(now) == 0);
  const std::size_t after = let_through(ramp, now, 60s);
  CHECK(after >= 14'000);
  CHECK(after <= 15'100);
  for (int i = 0; i < 100; ++i) ramp.slow_down(now);
  CHECK(ramp.per_second() >= 1);
}

TEST_CASE("an emulator has no such limit") {
  TrafficRamp ramp(false, {});
  ramp.sent(1'000'000);
  CHECK(ramp.allowance({}) > 1'000'000);
}

}  // namespace traffic_ramp_test
