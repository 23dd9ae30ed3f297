#include "base/utf8.h"

#include <doctest/doctest.h>

#include <string>

namespace utf8_test {

using namespace wasync;

TEST_CASE("every character is read as it was written") {
  for (char32_t c = 0; c <= 0x10FFFF; c = c < 0x3000 ? c + 1 : c + 97) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    append_character(text, c);
    const Character read = first_character(text + "z");
    if (read.value != c || read.length != text.size()) FAIL_CHECK(static_cast<unsigned>(c));
  }
}

TEST_CASE("an ill-formed sequence is skipped up to what may be the next character") {
  const auto skipped = [](const char* text) {
    const Character read = first_character(text);
    CHECK(read.value == Character::kInvalid);
    return read.length;
  };
  CHECK(skipped("\x80") == 1);
  CHECK(skipped("\xFF") == 1);
  CHECK(skipped("\xC3!") == 1);
  CHECK(skipped("\xC0\xAF") == 1);          // overlong
  CHECK(skipped("\xE0\x9F\xBF") == 1);      // overlong
  CHECK(skipped("\xED\xA0\x80") == 1);      // a surrogate
  CHECK(skipped("\xF4\x90\x80\x80") == 1);  // beyond U+10FFFF
  CHECK(skipped("\xE2\x82!") == 2);
  CHECK(skipped("\xF0\x9F\x98") == 3);
  CHECK(skipped("\xF0\x9F\x98\xF0") == 3);
}

}  // namespace utf8_test
