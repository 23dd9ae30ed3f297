#include "base/clock.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace clock_test {

using namespace wasync;

namespace {

struct Learned {
  explicit Learned(std::int64_t ahead) { learn_time({UnixSeconds::of_host().value + ahead}); }
  ~Learned() { forget_time(); }
};

// Of what now() says, in seconds; a second may pass meanwhile.
bool is_ahead_by(std::int64_t seconds) {
  return std::abs(UnixSeconds::now().value - UnixSeconds::of_host().value - seconds) <= 1;
}

}  // namespace

TEST_CASE("without a server's word the host's clock is right, and within a minute of it") {
  CHECK(is_ahead_by(0));
  const Learned near(50);
  CHECK(is_ahead_by(0));
}

TEST_CASE("a server knows better than a host whose clock is wrong") {
  for (const std::int64_t ahead : {864'000, 31'536'000, 3'600, -3'600, -864'000}) {
    const Learned learned(ahead);
    CHECK(is_ahead_by(ahead));
  }
  CHECK(is_ahead_by(0));
}

TEST_CASE("an absurd time teaches nothing") {
  const Learned learned(86'400);
  learn_time({});
  learn_time({345'600});
  learn_time({-1});
  CHECK(is_ahead_by(86'400));
}

}  // namespace clock_test
