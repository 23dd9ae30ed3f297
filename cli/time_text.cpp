#include "cli/time_text.h"

#include <array>
#include <cstdint>
#include <ctime>

#include "base/number.h"
#include "base/rfc3339.h"

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

std::optional<UnixSeconds> parse_calendar_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) return std::nullopt;
  std::time_t seconds = time->at.time_since_epoch().count();
  if (time->zone) return UnixSeconds{seconds - std::chrono::seconds(*time->zone).count()};
  std::tm parts{};  // as the clock here shows it
  if (gmtime_r(&seconds, &parts) == nullptr) return std::nullopt;
  parts.tm_isdst = -1;
  return UnixSeconds{std::mktime(&parts)};
}

}  // namespace

std::string rfc3339(UnixSeconds time) {
  return time.known() ? rfc3339(time.value) : std::string();
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
  std::string_view unit = text;
  const auto value = take_number<std::int64_t>(unit);
  if (!value || *value < 0 || *value > kMaxSeconds) return std::nullopt;
  std::int64_t factor = 0;
  if (unit.empty() || unit == "s") factor = 1;
  if (unit == "m" || unit == "min") factor = 60;
  if (unit == "h") factor = 3600;
  if (unit == "d") factor = 24LL * 3600;
  if (unit == "w") factor = 7LL * 24 * 3600;
  if (factor == 0 || *value * factor > kMaxSeconds) return std::nullopt;
  return std::chrono::seconds(*value * factor);
}

}  // namespace wasync
