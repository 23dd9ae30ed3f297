#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace wasync {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kJoiner = "\xE2\x80\x8D";       // U+200D
constexpr char32_t kInvalid = 0xFFFFFFFF;

struct Character {
  char32_t value = kInvalid;
  std::size_t length = 1;  // bytes it takes; of an invalid sequence, those to skip
};

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// The character that starts at `at` (inside the text). The ranges of the second byte
// are those of Unicode's table of well-formed sequences, which excludes overlong forms and
// surrogates; an ill-formed one is skipped up to its first wrong byte.
Character decode(std::string_view text, std::size_t at) {
  const std::uint8_t lead = byte_at(text, at);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {};
  }
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= text.size()) return {kInvalid, i};
    const std::uint8_t next = byte_at(text, at + i);
    if (next < low || next > high) return {kInvalid, i};
    value = (value << 6) | (next & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {value, length};
}

bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

// Format marks that reorder or hide what a person sees. U+200C and U+200D are not among
// them: Persian and emoji need them.
bool is_deceptive(char32_t c) {
  return c == 0x00AD || c == 0x061C || c == 0x180E || c == 0x200B || c == 0x200E || c == 0x200F ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

std::string disarmed(std::string_view text, bool keep_newlines) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character c = decode(text, at);
    if (c.value == kInvalid) {
      out += kReplacement;
    } else if (keep_newlines && c.value == '\n') {
      out += '\n';
    } else if (is_control(c.value)) {
      out += ' ';
    } else if (!is_deceptive(c.value)) {
      out += text.substr(at, c.length);
    }
    at += c.length;
  }
  return out;
}

std::string_view without_dangling_joiner(std::string_view text) {
  while (text.ends_with(kJoiner)) text.remove_suffix(kJoiner.size());
  return text;
}

bool is_continuation(char c) {
  return (static_cast<std::uint8_t>(c) & 0xC0U) == 0x80U;
}

// Base letters of U+00C0 to U+017F; '*' where there is none.
constexpr std::string_view kLatinBases =
    "aaaaaa*ceeeeiiii*nooooo*ouuuuy**aaaaaa*ceeeeiiii*nooooo*ouuuuy*y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkk*llllllllllnnnnnnn**oooooo**rrrrrr"
    "ssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatinBases.size() == 0x180 - 0xC0);

char32_t folded_letter(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xC0 && c < 0x180 && kLatinBases[c - 0xC0] != '*') {
    return static_cast<unsigned char>(kLatinBases[c - 0xC0]);
  }
  if (c == 0x218 || c == 0x219) return 's';
  if (c == 0x21A || c == 0x21B) return 't';
  const bool upper = c == 0xC6 || c == 0xD0 || c == 0xDE || (c >= 0x391 && c <= 0x3A9) ||
                     (c >= 0x410 && c <= 0x42F);
  if (upper) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

void append_character(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else {  // folding never yields anything beyond two bytes
    out += static_cast<char>(0xC0U | (c >> 6));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (byte_at(text, at) < 0x80) {  // nearly always, and not worth a call
      ++at;
      continue;
    }
    const Character c = decode(text, at);
    if (c.value == kInvalid) return false;
    at += c.length;
  }
  return true;
}

bool is_storable(std::string_view text) {
  return is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
}

std::string repaired_utf8(std::string_view text) {
  if (is_storable(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character c = decode(text, at);
    if (c.value == kInvalid || c.value == 0) {
      out += kReplacement;
    } else {
      out += text.substr(at, c.length);
    }
    at += c.length;
  }
  return out;
}

std::string folded_whitespace(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  for (std::size_t at = 0; at < text.size();) {
    const Character c = decode(text, at);
    if (is_white_space(c.value)) {
      pending = !out.empty();
    } else {
      if (pending) out += ' ';
      pending = false;
      out += text.substr(at, c.length);
    }
    at += c.length;
  }
  return out;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  std::size_t at = 0;
  for (; at < text.size() && count > 0; --count) at += decode(text, at).length;
  if (at >= text.size()) return text;
  return without_dangling_joiner(text.substr(0, at));
}

std::string_view first_bytes(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  while (count > 0 && is_continuation(text[count])) --count;
  return without_dangling_joiner(text.substr(0, count));
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) at += decode(text, at).length;
  return count;
}

std::string search_key(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character c = decode(text, at);
    const char32_t folded = folded_letter(c.value);
    if (c.value == kInvalid || folded == c.value) {
      out += text.substr(at, c.length);
    } else {
      append_character(out, folded);
    }
    at += c.length;
  }
  return out;
}

std::string terminal_safe(std::string_view text) {
  return disarmed(text, false);
}
std::string terminal_safe_lines(std::string_view text) {
  return disarmed(text, true);
}

std::string storable_error(std::string_view error) {
  constexpr std::size_t kMostBytes = 500;
  return std::string(first_bytes(terminal_safe(error), kMostBytes));
}

}  // namespace wasync
