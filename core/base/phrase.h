// Texts for people, in English and in Romanian, side by side where the code uses them. Text for
// scripts (--json fields, error codes, event names) is never a phrase.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace wasync {

enum class Language { kEnglish, kRomanian };

constexpr std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++count;
  return count;
}

// Whether both sides have a text and the same placeholders ("{}", "{0}", "{name}"), each equally
// often. Placeholders without a name take their values in order, so their order is the same on both
// sides.
constexpr bool is_whole_phrase(std::string_view english, std::string_view romanian) {
  if (english.empty() || romanian.empty()) return false;
  if (occurrences(english, "{") != occurrences(romanian, "{")) return false;
  for (std::size_t from = english.find('{'); from != std::string_view::npos;
       from = english.find('{', from + 1)) {
    const std::size_t end = english.find('}', from);
    if (end == std::string_view::npos) return false;
    const std::string_view placeholder = english.substr(from, end + 1 - from);
    if (occurrences(english, placeholder) != occurrences(romanian, placeholder)) return false;
  }
  return true;
}

class Words;

// A text from the program's source: literals with unfilled placeholders. A phrase that
// is_whole_phrase rejects does not compile.
class Phrase {
 public:
  constexpr Phrase() = default;  // an empty text
  consteval Phrase(const char* english, const char* romanian)
      : english_(english), romanian_(romanian) {
    if (!is_whole_phrase(english, romanian))
      throw "a phrase needs both languages, with the same placeholders";
  }

  constexpr bool empty() const { return english_.empty(); }
  constexpr std::string_view in(Language language) const {
    return language == Language::kRomanian ? romanian_ : english_;
  }

  // Fills the placeholders with these values, in order or by number. A value may be Words or a
  // Phrase (each language gets its own text), a text or a whole number.
  template <typename... Values>
  Words with(const Values&... values) const;

 private:
  std::string_view english_{};
  std::string_view romanian_{};
};

// A finished text, ready to show in both languages. It converts implicitly from a phrase without
// placeholders, and from a text that is the same in every language: a name, an address, the output
// of another program.
class Words {
 public:
  Words() = default;
  Words(Phrase phrase)
      : english_(phrase.in(Language::kEnglish)), romanian_(phrase.in(Language::kRomanian)) {}
  Words(std::string text) : english_(std::move(text)) {}
  Words(std::string_view text) : english_(text) {}
  Words(const char* text) : english_(text) {}
  Words(std::string english, std::string romanian)
      : english_(std::move(english)), romanian_(std::move(romanian)) {}

  bool empty() const { return english_.empty(); }
  // False for a text that is not ours: Romanian readers get it unchanged.
  bool translated() const { return !romanian_.empty(); }
  const std::string& in(Language language) const {
    return language == Language::kRomanian && translated() ? romanian_ : english_;
  }
  bool operator==(const Words&) const = default;

 private:
  std::string english_;
  std::string romanian_;
};

// Returns `text` with each placeholder replaced by the value for the text between its braces.
std::string filled(std::string_view text,
                   const std::function<std::string(std::string_view name)>& value_of);
Words filled(Phrase phrase, std::initializer_list<Words> values);

template <typename Value>
Words words_for(const Value& value) {
  if constexpr (std::integral<Value>)
    return std::to_string(value);
  else
    return value;
}

template <typename... Values>
Words Phrase::with(const Values&... values) const {
  return filled(*this, {words_for(values)...});
}

}  // namespace wasync
