#include "cli/term/width.h"

#include <locale.h>

#include <cstddef>
#include <cstdint>
#include <cwchar>

namespace wasync::term {
namespace {

struct CodePoint {
  char32_t value;
  std::size_t length;  // bytes
};

// Decodes leniently: a byte that starts no valid sequence is U+FFFD of length 1.
CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  char32_t value = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    value = first & 0x1FU;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    value = first & 0x0FU;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    value = first & 0x07U;
  } else {
    return {0xFFFD, 1};
  }
  if (text.size() < length) return {0xFFFD, 1};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {0xFFFD, 1};
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  return {value, length};
}

// glibc knows the widths of Unicode; it only needs a UTF-8 locale to say them. C.UTF-8
// is part of libc-bin, whatever locale the user runs.
class Utf8Locale {
 public:
  Utf8Locale() : previous_(uselocale(instance())) {}
  ~Utf8Locale() { uselocale(previous_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  // Without that locale (nullptr) uselocale only reads, and wide characters count as 1.
  static locale_t instance() {
    static locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  locale_t previous_;
};

int width_of(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return 0;
  if (c < 0x300) return 1;
  const int width = wcwidth(static_cast<wchar_t>(c));
  return width < 0 ? 1 : width;
}

// What a person sees as one character: a letter with its combining marks, or pictures
// held together by zero-width joiners.
struct Cluster {
  std::size_t length = 0;  // bytes
  int width = 0;
};

Cluster first_cluster(std::string_view text) {
  constexpr char32_t kZeroWidthJoiner = 0x200D;
  Cluster cluster;
  bool joined = false;
  while (cluster.length < text.size()) {
    const CodePoint point = decode(text.substr(cluster.length));
    const int width = width_of(point.value);
    if (cluster.length > 0 && width > 0 && !joined) break;
    cluster.length += point.length;
    cluster.width += width;
    joined = point.value == kZeroWidthJoiner;
  }
  return cluster;
}

}  // namespace

int display_width(std::string_view text) {
  const Utf8Locale locale;
  int width = 0;
  while (!text.empty()) {
    const CodePoint point = decode(text);
    width += width_of(point.value);
    text.remove_prefix(point.length);
  }
  return width;
}

std::string fit(std::string_view text, int columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns <= 0) return {};
  const Utf8Locale locale;
  std::size_t kept = 0;
  int width = 0;
  while (true) {
    const Cluster cluster = first_cluster(text.substr(kept));
    if (width + cluster.width > columns - 1) break;
    kept += cluster.length;
    width += cluster.width;
  }
  return std::string(text.substr(0, kept)) + "…";
}

bool has_right_to_left(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode(text);
    const char32_t c = point.value;
    // Hebrew through Arabic Extended-A, their presentation forms, and the RTL scripts of
    // the supplementary plane.
    if ((c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFDFF) ||
        (c >= 0xFE70 && c <= 0xFEFC) || (c >= 0x10800 && c <= 0x10FFF) ||
        (c >= 0x1E800 && c <= 0x1EFFF))
      return true;
    text.remove_prefix(point.length);
  }
  return false;
}

}  // namespace wasync::term
