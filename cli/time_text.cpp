#include "cli/time_text.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>

namespace wasync {
namespace {

std::string formatted(const std::tm& time, const char* format) {
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), format, &time);
  return {text.data(), length};
}

std::string local(UnixSeconds time, const char* format) {
  if (!time.known()) return {};
  const std::time_t seconds = time.value;
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return {};
  return formatted(parts, format);
}

// Takes exactly `digits` digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, std::tm& parts) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return false;
  const auto month = take_number(text, 2);
  if (!month || *month < 1 || *month > 12 || !take(text, "-")) return false;
  const auto day = take_number(text, 2);
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(day.value_or(0)))};
  if (!date.ok()) return false;
  parts.tm_year = *year - 1900;
  parts.tm_mon = *month - 1;
  parts.tm_mday = *day;
  return true;
}

bool take_clock(std::string_view& text, std::tm& parts) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return false;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return false;
  parts.tm_hour = *hour;
  parts.tm_min = *minute;
  if (!take(text, ":")) return true;
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return false;
  parts.tm_sec = *second;
  if (take(text, ".")) {
    while (take(text, "0123456789")) continue;
  }
  return true;
}

// Seconds east of UTC; nothing when malformed.
std::optional<int> take_zone(std::string_view& text) {
  if (take(text, "Zz")) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  take(text, ":");
  const auto minutes = take_number(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

std::optional<UnixSeconds> parse_calendar_time(std::string_view text) {
  std::tm parts{};
  parts.tm_isdst = -1;
  if (!take_date(text, parts)) return std::nullopt;
  if (text.empty()) return UnixSeconds{std::mktime(&parts)};
  if (!take(text, "Tt ") || !take_clock(text, parts)) return std::nullopt;
  if (text.empty()) return UnixSeconds{std::mktime(&parts)};
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return UnixSeconds{timegm(&parts) - *zone};
}

}  // namespace

std::string rfc3339(UnixSeconds time) {
  if (!time.known()) return {};
  const std::time_t seconds = time.value;
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};
  return formatted(parts, "%Y-%m-%dT%H:%M:%SZ");
}

std::string local_date_time(UnixSeconds time) {
  return local(time, "%Y-%m-%d %H:%M");
}

std::string local_date(UnixSeconds time) {
  return local(time, "%Y-%m-%d");
}

std::string local_time(UnixSeconds time) {
  return local(time, "%H:%M");
}

std::string local_short(UnixSeconds time, UnixSeconds now) {
  return local_date(time) == local_date(now) ? local_time(time) : local_date(time);
}

std::optional<UnixSeconds> parse_time(std::string_view text, UnixSeconds now) {
  if (const auto time = parse_calendar_time(text)) return time;
  if (text.empty() || (text.back() >= '0' && text.back() <= '9')) return std::nullopt;
  const auto age = parse_duration(text);
  if (!age) return std::nullopt;
  return UnixSeconds{now.value - age->count()};
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  constexpr std::int64_t kMaxSeconds = 366LL * 24 * 3600;
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < 0 || value > kMaxSeconds) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  std::int64_t factor = 0;
  if (unit.empty() || unit == "s") factor = 1;
  if (unit == "m" || unit == "min") factor = 60;
  if (unit == "h") factor = 3600;
  if (unit == "d") factor = 24LL * 3600;
  if (unit == "w") factor = 7LL * 24 * 3600;
  if (factor == 0 || value * factor > kMaxSeconds) return std::nullopt;
  return std::chrono::seconds(value * factor);
}

}  // namespace wasync
