// Unicode, one character at a time, on top of libutf8proc. base/text.h has the functions for whole
// texts.
#pragma once

#include <utf8proc.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace wasync {

struct Character {
  static constexpr char32_t kInvalid = 0xFFFFFFFF;

  char32_t value = kInvalid;  // a code point, never a surrogate; kInvalid when none starts here
  std::size_t length = 1;     // its bytes; for an ill-formed sequence, the bytes to skip
};

// The length of the ill-formed sequence at the start of `text` that Unicode (3.9, "maximal
// subpart") replaces by one U+FFFD: the bytes before the first that fits no character.
std::size_t ill_formed_length(std::string_view text);

// The character at the start of `text`, which is not empty.
inline Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};  // the usual case, not worth a call
  utf8proc_int32_t value = 0;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &value);
  if (length < 0) return {Character::kInvalid, ill_formed_length(text)};
  return {static_cast<char32_t>(value), static_cast<std::size_t>(length)};
}

inline void append_character(std::string& to, char32_t value) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(value), bytes.data());
  to.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

}  // namespace wasync
