#include "base/number.h"

#include <doctest/doctest.h>

#include <cstdint>

namespace number_test {

using namespace wasync;

TEST_CASE("the whole of a text is a number of its type, or none") {
  CHECK(parse_number<int>("0") == 0);
  CHECK(parse_number<int>("-17") == -17);
  CHECK(parse_number<std::uint8_t>("255") == 255);
  CHECK(parse_number<std::uint16_t>("0080") == 80);
  CHECK(parse_number<std::uint64_t>("18446744073709551615") == UINT64_MAX);
  for (const char* wrong : {"", " 1", "1 ", "+1", "-", "1x", "x1", "1.5", "0x10", "-1", "256"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_number<std::uint8_t>(wrong));
  }
}

TEST_CASE("a number is taken from the front") {
  std::string_view text = "12h";
  CHECK(take_number<int>(text) == 12);
  CHECK(text == "h");
  CHECK_FALSE(take_number<int>(text));
  CHECK(text == "h");
  text = "99999999999";
  CHECK_FALSE(take_number<int>(text));
  CHECK(text == "99999999999");
}

}  // namespace number_test
