// Times as people type and read them, and as scripts do.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace wasync {

// "2026-03-01T12:30:00Z"; empty for an unknown time.
std::string rfc3339(UnixSeconds time);

// In the local time zone: "2026-03-01 14:30", "2026-03-01", "14:30". Empty when unknown.
std::string local_date_time(UnixSeconds time);
std::string local_date(UnixSeconds time);
std::string local_time(UnixSeconds time);
// Short, for lists: the hour today, otherwise the date.
std::string local_short(UnixSeconds time, UnixSeconds now);

// An RFC 3339 time ("2026-03-01T12:30:00+02:00", the zone may be missing: local), a date
// (its first second, local) or an age ("7d", "24h", "90m", "30s", "2w"). Nothing when it
// is none of these.
std::optional<UnixSeconds> parse_time(std::string_view text, UnixSeconds now);

// "10m", "90s", "2h", "1d" or plain seconds. Nothing when malformed, negative or beyond a
// year.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace wasync
