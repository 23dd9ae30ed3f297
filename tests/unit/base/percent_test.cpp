#include "base/percent.h"

#include <doctest/doctest.h>

#include <string>

namespace percent_test {

using namespace wasync;

TEST_CASE("what has a meaning in a URL is percent-encoded") {
  CHECK(percent_encode("aZ09-_.~") == "aZ09-_.~");
  CHECK(percent_encode("a b/?&=+%\xc8\x99\n") == "a%20b%2F%3F%26%3D%2B%25%C8%99%0A");
}

TEST_CASE("what was encoded is decoded, and a malformed escape is nothing") {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_decode("a+b%2f%2F") == "a+b//");
  CHECK(percent_decode("") == "");
  for (const char* wrong : {"%", "100%", "%1", "%zz", "%%41", "%4 1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(percent_decode(wrong));
  }
}

}  // namespace percent_test
