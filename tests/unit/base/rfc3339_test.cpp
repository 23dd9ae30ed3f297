#include "base/rfc3339.h"

#include <doctest/doctest.h>

#include <cstdint>

namespace rfc3339_test {

using namespace wasync;
using namespace std::chrono_literals;

namespace {

std::int64_t seconds_in(const char* text) {
  const auto time = parse_rfc3339(text);
  REQUIRE_MESSAGE(time, text);
  return time->at.time_since_epoch().count();
}

}  // namespace

TEST_CASE("a time is read with its zone and decimals") {
  const auto time = parse_rfc3339("2026-03-01T14:00:00.25-02:30");
  REQUIRE(time);
  CHECK(time->at.time_since_epoch().count() == 1'772'373'600);
  CHECK(time->nanos == 250'000'000);
  CHECK(time->zone == -150min);
  CHECK(parse_rfc3339("2026-03-01t14:00:00z")->zone == 0min);
  CHECK(parse_rfc3339("2026-03-01T14:00:00.1234567891Z")->nanos == 123'456'789);
  CHECK(seconds_in("0001-01-01T00:00:00Z") == -62'135'596'800);
  CHECK(seconds_in("9999-12-31T23:59:59Z") == 253'402'300'799);
  CHECK(seconds_in("2024-02-29T23:59:60Z") == 1'709'251'200);  // a leap second
}

TEST_CASE("what people leave out is not asked for") {
  CHECK(seconds_in("2026-03-01") == 1'772'323'200);
  CHECK(seconds_in("2026-03-01 14:00") == 1'772'373'600);
  CHECK_FALSE(parse_rfc3339("2026-03-01 14:00")->zone);
  CHECK(parse_rfc3339("2026-03-01T14:00+0200")->zone == 120min);
}

TEST_CASE("what is no time is none") {
  for (const char* wrong :
       {"", "2026", "2026-3-1", "2026-13-01", "2026-02-30", "2025-02-29", "-026-03-01",
        "2026-03-01T", "2026-03-01T24:00:00Z", "2026-03-01T12:60Z", "2026-03-01T12:00:61Z",
        "2026-03-01T12:00:00X", "2026-03-01T12:00:00Zx", "2026-03-01T12:00:00+2:00",
        "2026-03-01T12:00:00+24:00", "2026-03-01Z", " 2026-03-01"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_rfc3339(wrong));
  }
}

TEST_CASE("a time is written in UTC, with no more decimals than it has") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(1'772'366'400) == "2026-03-01T12:00:00Z");
  CHECK(rfc3339(1, 250'000'000) == "1970-01-01T00:00:01.25Z");
  CHECK(rfc3339(-1, 1) == "1969-12-31T23:59:59.000000001Z");
  CHECK(rfc3339(INT64_MAX) == "9999-12-31T23:59:59Z");
  CHECK(rfc3339(INT64_MIN) == "0001-01-01T00:00:00Z");
}

}  // namespace rfc3339_test
