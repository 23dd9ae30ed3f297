#include "base/rfc3339.h"

#include <fmt/format.h>

#include <algorithm>

namespace wasync {
namespace {

constexpr std::int64_t kFirstWritten = -62'135'596'800;
constexpr std::int64_t kLastWritten = 253'402'300'799;

constexpr std::string_view kDecimals = "0123456789";

// Exactly two or four digits at the front, which are taken away.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  const std::string_view digits = text.substr(0, count);
  if (digits.size() < count || digits.find_first_not_of(kDecimals) != digits.npos)
    return std::nullopt;
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::local_days> take_date(std::string_view& text) {
  using namespace std::chrono;
  const auto y = take_digits(text, 4);
  if (!y || !take(text, "-")) return std::nullopt;
  const auto m = take_digits(text, 2);
  if (!m || !take(text, "-")) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d) return std::nullopt;
  const year_month_day date(year(*y), month(static_cast<unsigned>(*m)),
                            day(static_cast<unsigned>(*d)));
  if (!date.ok()) return std::nullopt;
  return local_days(date);
}

std::int32_t take_fraction(std::string_view& text) {
  std::int32_t nanos = 0;
  int digits = 0;
  for (; !text.empty() && kDecimals.find(text.front()) != kDecimals.npos; ++digits) {
    if (digits < 9) nanos = nanos * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  for (; digits < 9; ++digits) nanos *= 10;
  return nanos;
}

bool take_clock(std::string_view& text, WrittenTime& time) {
  using namespace std::chrono;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return false;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return false;
  time.at += hours(*hour) + minutes(*minute);
  if (!take(text, ":")) return true;
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return false;  // a leap second is the next minute's first
  time.at += seconds(*second);
  if (take(text, ".")) time.nanos = take_fraction(text);
  return true;
}

bool take_zone(std::string_view& text, WrittenTime& time) {
  using namespace std::chrono;
  time.zone = minutes(0);
  if (take(text, "Zz")) return true;
  const int sign = text.starts_with('-') ? -1 : 1;
  if (!take(text, "+-")) return false;
  const auto hour = take_digits(text, 2);
  take(text, ":");
  const auto minute = take_digits(text, 2);
  if (!hour || !minute || *hour > 23 || *minute > 59) return false;
  time.zone = sign * (hours(*hour) + minutes(*minute));
  return true;
}

}  // namespace

std::optional<WrittenTime> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  WrittenTime time{.at = *date};
  if (text.empty()) return time;
  if (!take(text, "Tt ") || !take_clock(text, time)) return std::nullopt;
  if (!text.empty() && !(take_zone(text, time) && text.empty())) return std::nullopt;
  return time;
}

std::string rfc3339(std::int64_t unix_seconds, std::int32_t nanos) {
  using namespace std::chrono;
  const sys_seconds at(seconds(std::clamp(unix_seconds, kFirstWritten, kLastWritten)));
  const auto today = floor<days>(at);
  const year_month_day date(today);
  const hh_mm_ss clock(at - today);
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (nanos > 0) {
    out += fmt::format(".{:09}", std::min(nanos, 999'999'999));
    out.resize(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
}

}  // namespace wasync
