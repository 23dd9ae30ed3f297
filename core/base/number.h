// Reads whole numbers from text: decimal digits, with a leading '-' when the type has negative
// values.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace wasync {

// Takes the number at the front of `text` and removes it from `text`. Returns nothing, and leaves
// `text` as it is, when there is no number or the type cannot hold it.
template <std::integral Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Reads all of `text` as one number; nothing when it is not one.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text) {
  const std::optional<Number> number = take_number<Number>(text);
  return text.empty() ? number : std::nullopt;
}

}  // namespace wasync
