// Times as RFC 3339 writes them: "2026-03-01T12:30:00.25+02:00".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wasync {

struct WrittenTime {
  std::chrono::local_seconds at{};  // local time in its zone
  std::int32_t nanos = 0;
  std::optional<std::chrono::minutes> zone{};  // east of UTC; nothing when the text has none
};

// Also accepts a text without the zone, without the seconds, or without the hour (a date means its
// first second), with a space for the T, or with a zone without its colon. Cuts decimals after the
// ninth. Returns nothing when the text is not such a time, or names a day that does not exist.
std::optional<WrittenTime> parse_rfc3339(std::string_view text);

// Writes the time in UTC, with only as many decimals as it needs. Writes a time outside the years 1
// to 9999 as the nearest second inside them.
std::string rfc3339(std::int64_t unix_seconds, std::int32_t nanos = 0);

}  // namespace wasync
