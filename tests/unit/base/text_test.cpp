#include "base/text.h"

#include <doctest/doctest.h>

#include <string>

namespace text_test {

using namespace wasync;

TEST_CASE("valid UTF-8 comes back unchanged") {
  const std::string text = "Bună ziua, ce faci? 👩‍👩‍👧 שלום \n";
  CHECK(is_valid_utf8(text));
  CHECK(repaired_utf8(text) == text);
  CHECK(is_valid_utf8(""));
}

TEST_CASE("what is no UTF-8 is replaced") {
  CHECK(repaired_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
  CHECK(repaired_utf8(std::string("a\0z", 3)) == "a\xEF\xBF\xBDz");
  // Cut in the middle of a character, at the end and before another one.
  CHECK(repaired_utf8("a\xF0\x9F\x98") == "a\xEF\xBF\xBD");
  CHECK(repaired_utf8("\xF0\x9F!") == "\xEF\xBF\xBD!");
  for (const char* bad : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80",
                          "\xF8\x88\x80\x80\x80"}) {
    CHECK_FALSE(is_valid_utf8(bad));
    CHECK(is_valid_utf8(repaired_utf8(bad)));
  }
  CHECK(is_valid_utf8("\xF4\x8F\xBF\xBF"));
}

TEST_CASE("every two-byte string is repaired to valid text") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      CHECK(is_valid_utf8(repaired_utf8(text)));
      CHECK(is_valid_utf8(terminal_safe(text)));
    }
  }
}

TEST_CASE("white space folds to single spaces") {
  CHECK(folded_whitespace("  a\r\n\tb \xC2\xA0\xE2\x80\xA8 c\xE3\x80\x80") == "a b c");
  CHECK(folded_whitespace(" \n ") == "");
}

TEST_CASE("text is cut on a character boundary") {
  CHECK(first_characters("șțăîâ", 3) == "șță");
  CHECK(first_characters("abc", 3) == "abc");
  CHECK(first_characters("abc", 0) == "");
  CHECK(first_characters("👩‍👩", 2) == "👩");  // no dangling joiner
  CHECK(first_bytes("ș", 1) == "");
  CHECK(first_bytes("aș", 3) == "aș");
  CHECK(first_bytes("aș", 2) == "a");
  CHECK(count_characters("aș👩") == 3);
}

TEST_CASE("a terminal gets nothing that moves, colours or reorders") {
  CHECK(terminal_safe("\x1B[31mred\x1B[0m") == " [31mred [0m");
  CHECK(terminal_safe("a\x7F\xC2\x9B\nz") == "a   z");
  CHECK(terminal_safe("pay \xE2\x80\xAE"
                      "001\xE2\x81\xA6\xE2\x80\x8F\xEF\xBB\xBF") == "pay 001");
  CHECK(terminal_safe("👩‍👩‍👧 ❤️") == "👩‍👩‍👧 ❤️");
  CHECK(terminal_safe("\xFF") == "\xEF\xBF\xBD");
  CHECK(terminal_safe_lines("a\nb\tc\r\n") == "a\nb c \n");
}

TEST_CASE("a search finds whatever the case and the accents") {
  CHECK(search_key("Ștefan ȚĂRANU") == "stefan taranu");
  CHECK(search_key("Çédille ÀÿŽ") == "cedille ayz");
  CHECK(search_key("ΑΩ ЖЯ Ё") == "αω жя ё");
  CHECK(search_key("Æß×👩") == "æß×👩");
  CHECK(search_key("Đặng Łukasz Øystein") == "dang lukasz oystein");
  CHECK(search_key("Ђорђе ΆΝΝΑ Արամ Œ") == "ђорђе άννα արամ œ");
  CHECK(search_key("a\xFFZ") == "a\xFFz");
}

}  // namespace text_test
