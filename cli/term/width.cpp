#include "cli/term/width.h"

#include <locale.h>

#include <cstddef>
#include <cwchar>
#include <sstream>

#include "base/utf8.h"

namespace wasync::term {
namespace {

// Terminals go by wcwidth (libutf8proc gives no column to the vowel signs of India, they do).
// glibc's only needs a UTF-8 locale; C.UTF-8 is part of libc-bin, whatever locale the user runs.
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
  if (c < 0x300 || c == Character::kInvalid) return 1;
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
    const Character point = first_character(text.substr(cluster.length));
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
    const Character point = first_character(text);
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
    const Character point = first_character(text);
    const auto direction =
        utf8proc_get_property(static_cast<utf8proc_int32_t>(point.value))->bidi_class;
    if (direction == UTF8PROC_BIDI_CLASS_R || direction == UTF8PROC_BIDI_CLASS_AL) return true;
    text.remove_prefix(point.length);
  }
  return false;
}

std::string wrapped(const std::string& text, int columns, int margin, int indent) {
  const std::string next = "\n" + std::string(static_cast<std::size_t>(indent), ' ');
  std::istringstream words(text);
  std::string out;
  int at = margin;
  for (std::string word; words >> word;) {
    const int width = display_width(word);
    const bool first = out.empty();
    if (!first && at + 1 + width > columns) {
      out += next;
      at = indent;
    } else if (!first) {
      out += ' ';
      ++at;
    }
    out += word;
    at += width;
  }
  return out;
}

}  // namespace wasync::term
