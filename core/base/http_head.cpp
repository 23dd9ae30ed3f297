#include <algorithm>
#include <array>
#include <chrono>

#include "base/http.h"
#include "base/number.h"

namespace wasync {
namespace {

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = kMonths.find(name);
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return static_cast<unsigned>(at / 3 + 1);
}

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<UnixSeconds> parse_http_date(std::string_view text) {
  // The older forms with two-digit years or asctime's order are not worth reading: nobody
  // sends them any more.
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size() || text.substr(3, 2) != ", " || !text.ends_with(" GMT") ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') {
    return std::nullopt;
  }
  const auto day = parse_number<unsigned>(text.substr(5, 2));
  const auto month = month_of(text.substr(8, 3));
  const auto year = parse_number<int>(text.substr(12, 4));
  const auto hour = parse_number<unsigned>(text.substr(17, 2));
  const auto minute = parse_number<unsigned>(text.substr(20, 2));
  const auto second = parse_number<unsigned>(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  const auto date = std::chrono::year(*year) / std::chrono::month(*month) / std::chrono::day(*day);
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return UnixSeconds{((days * 24 + *hour) * 60 + *minute) * 60 + *second};
}

std::optional<std::chrono::seconds> clock_skew(const HttpHead& head, UnixSeconds now) {
  const auto theirs = parse_http_date(head.header("date"));
  if (!theirs) return std::nullopt;
  return std::chrono::seconds(now.value - theirs->value);
}

Words wrong_clock(const HttpHead& head, UnixSeconds now) {
  using std::chrono::minutes;
  const auto skew = clock_skew(head, now);
  if (!skew || std::chrono::abs(*skew) < kClockTolerance) return {};
  const auto apart = std::chrono::round<minutes>(std::chrono::abs(*skew)).count();
  constexpr Phrase kAhead{"this machine's clock is {} minutes ahead",
                          "ceasul acestui sistem este înainte cu {} minute"};
  constexpr Phrase kBehind{"this machine's clock is {} minutes behind",
                           "ceasul acestui sistem este în urmă cu {} minute"};
  return (skew->count() > 0 ? kAhead : kBehind).with(apart);
}

}  // namespace wasync
