// Times as RFC 3339 writes them: "2026-03-01T12:30:00.25+02:00".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wasync {

struct WrittenTime {
  std::chrono::local_seconds at{};  // by the clock of its zone
  std::int32_t nanos = 0;
  std::optional<std::chrono::minutes> zone{};  // east of UTC; nothing: it was left out
};

// Reads as well what people leave out (the zone, the seconds, the hour: a date is its first second)
// and write instead (a space for the T, a zone without its colon). Decimals beyond the ninth are
// cut. Nothing when it is no such time, or a day that no calendar has.
std::optional<WrittenTime> parse_rfc3339(std::string_view text);

// In UTC, with no more decimals than there are. What lies outside the years 1 to 9999 is written
// as the nearest second inside them.
std::string rfc3339(std::int64_t unix_seconds, std::int32_t nanos = 0);

}  // namespace wasync
