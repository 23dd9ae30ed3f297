#include "inbox/phone_forms.h"

#include <cstddef>

namespace wasync {
namespace {

// A number with the country's prefix, the digit after the first `before` digits behind it, and
// `behind` more digits.
struct MobileDigit {
  std::string_view country;
  std::size_t before;
  char digit;
  std::size_t behind;
};

// Brazil's stands behind the area code, and its older mobile numbers begin with 6 to 9.
constexpr MobileDigit kBrazil{.country = "+55", .before = 2, .digit = '9', .behind = 8};
constexpr MobileDigit kMexico{.country = "+52", .before = 0, .digit = '1', .behind = 10};
constexpr MobileDigit kArgentina{.country = "+54", .before = 0, .digit = '9', .behind = 10};

}  // namespace

std::optional<std::string> other_form(std::string_view e164) {
  for (const MobileDigit& each : {kBrazil, kMexico, kArgentina}) {
    if (!e164.starts_with(each.country)) continue;
    const std::size_t at = each.country.size() + each.before;
    const std::size_t shorter = at + each.behind;
    std::string other(e164);
    if (e164.size() == shorter + 1 && e164[at] == each.digit) {
      other.erase(at, 1);
    } else if (e164.size() == shorter) {
      other.insert(at, 1, each.digit);
    } else {
      return std::nullopt;
    }
    const char first = e164[e164.size() - each.behind];
    if (each.country == kBrazil.country && first < '6') return std::nullopt;  // not a mobile one
    return other;
  }
  return std::nullopt;
}

bool same_phone(std::string_view one, std::string_view other) {
  return one == other || other_form(one) == other;
}

}  // namespace wasync
