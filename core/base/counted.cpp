#include "base/counted.h"

#include <string>

namespace wasync {
namespace {

std::string grouped_by(const char* separator, std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), separator);
  return number < 0 ? "-" + digits : digits;
}

// 0 and what ends in 01 to 19 join the noun directly, the others with "de".
bool joins_with_de(std::int64_t count) {
  const std::int64_t last = count % 100;
  return count != 0 && (last == 0 || last > 19);
}

}  // namespace

Words grouped(std::int64_t number) {
  return {grouped_by(",", number), grouped_by(".", number)};
}

Words counted(const Noun& noun, std::int64_t count) {
  const Phrase& form = count == 1 ? noun.one : noun.many;
  const Words number = grouped(count);
  return {number.in(Language::kEnglish) + " " + std::string(form.in(Language::kEnglish)),
          number.in(Language::kRomanian) + (joins_with_de(count) ? " de " : " ") +
              std::string(form.in(Language::kRomanian))};
}

}  // namespace wasync
