#include "base/backoff.h"

#include <doctest/doctest.h>

namespace backoff_test {

using namespace wasync;
using namespace std::chrono_literals;

TEST_CASE("waits double, within their bounds, and begin anew after a success") {
  Backoff backoff(1s, 10s);
  std::chrono::milliseconds least = 500ms;
  for (int i = 0; i < 10; ++i) {
    const auto wait = backoff.wait();
    CHECK(wait >= std::min<std::chrono::milliseconds>(least, 5s));
    CHECK(wait <= 10s);
    least *= 2;
  }
  backoff.reset();
  CHECK(backoff.wait() <= 1s);
}

TEST_CASE("what was asked for is the least, within reason") {
  Backoff backoff(1s, 10s);
  CHECK(backoff.wait(30s) == 30s);
  CHECK(backoff.wait(24h) == 15min);
}

}  // namespace backoff_test
