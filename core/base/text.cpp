#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/utf8.h"

namespace wasync {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kJoiner = "\xE2\x80\x8D";       // U+200D

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
    const Character c = first_character(text.substr(at));
    if (c.value == Character::kInvalid) {
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
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Latin letters with a base that Unicode does not know as such.
constexpr std::array<std::pair<char32_t, char>, 9> kBases = {{{U'đ', 'd'},
                                                              {U'ħ', 'h'},
                                                              {U'ı', 'i'},
                                                              {U'ŀ', 'l'},
                                                              {U'ł', 'l'},
                                                              {U'ŉ', 'n'},
                                                              {U'ø', 'o'},
                                                              {U'ſ', 's'},
                                                              {U'ŧ', 't'}}};

char32_t without_accents(char32_t latin) {
  const auto base = std::ranges::find(kBases, latin, &std::pair<char32_t, char>::first);
  if (base != kBases.end()) return static_cast<char32_t>(base->second);
  std::array<utf8proc_int32_t, 8> parts{};
  int boundary = 0;
  utf8proc_decompose_char(static_cast<utf8proc_int32_t>(latin), parts.data(), parts.size(),
                          UTF8PROC_DECOMPOSE, &boundary);
  return parts[0] >= 'a' && parts[0] <= 'z' ? static_cast<char32_t>(parts[0]) : latin;
}

char32_t folded_letter(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  const auto lower = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  const bool is_latin = lower < 0x250 || (lower >= 0x1E00 && lower < 0x1F00);
  return is_latin ? without_accents(lower) : lower;
}

// How many bytes at the front are surely ASCII: nearly all of nearly every text.
std::size_t ascii_length(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t word = 0; text.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & 0x8080'8080'8080'8080) != 0) break;
  }
  return at;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = ascii_length(text); at < text.size();) {
    const Character c = first_character(text.substr(at));
    if (c.value == Character::kInvalid) return false;
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
    const Character c = first_character(text.substr(at));
    if (c.value == Character::kInvalid || c.value == 0) {
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
    const Character c = first_character(text.substr(at));
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
  for (; at < text.size() && count > 0; --count) at += first_character(text.substr(at)).length;
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
  for (std::size_t at = 0; at < text.size(); ++count) at += first_character(text.substr(at)).length;
  return count;
}

std::string search_key(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character c = first_character(text.substr(at));
    const char32_t folded = folded_letter(c.value);
    if (c.value == Character::kInvalid || folded == c.value) {
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
