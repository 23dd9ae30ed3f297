#include "base/phrase.h"

#include <charconv>

namespace wasync {
namespace {

std::string filled_in(Language language, Phrase phrase, std::initializer_list<Words> values) {
  std::size_t next = 0;
  return filled(phrase.in(language), [&](std::string_view name) -> std::string {
    std::size_t at = 0;
    if (name.empty())
      at = next++;
    else if (std::from_chars(name.data(), name.data() + name.size(), at).ec != std::errc())
      at = values.size();
    if (at < values.size()) return (values.begin() + at)->in(language);
    return "{" + std::string(name) + "}";  // a bug, better seen than thrown while telling an error
  });
}

}  // namespace

std::string filled(std::string_view text,
                   const std::function<std::string(std::string_view name)>& value_of) {
  std::string out;
  while (true) {
    const std::size_t from = text.find('{');
    const std::size_t end = text.find('}', from);
    if (from == std::string_view::npos || end == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, from)).append(value_of(text.substr(from + 1, end - from - 1)));
    text.remove_prefix(end + 1);
  }
}

Words filled(Phrase phrase, std::initializer_list<Words> values) {
  return {filled_in(Language::kEnglish, phrase, values),
          filled_in(Language::kRomanian, phrase, values)};
}

}  // namespace wasync
