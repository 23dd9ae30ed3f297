#include "signal/padding.h"

#include <doctest/doctest.h>

#include <set>

namespace padding_test {

using namespace wasync;

TEST_CASE("padding: what is padded is found again, with 1 to 16 bytes behind it") {
  std::set<std::size_t> lengths;
  for (int i = 0; i < 1000; ++i) {
    const Bytes padded = pad(as_bytes("hello"));
    lengths.insert(padded.size() - 5);
    const auto message = unpad(padded);
    REQUIRE(message);
    CHECK(to_string(*message) == "hello");
  }
  CHECK(*lengths.begin() == 1);
  CHECK(*lengths.rbegin() == 16);
  CHECK(lengths.size() == 16);
}

TEST_CASE("padding: an empty message has some, too") {
  const Bytes padded = pad({});
  REQUIRE(unpad(padded));
  CHECK(unpad(padded)->empty());
}

TEST_CASE("padding: what was not padded is refused") {
  CHECK_FALSE(unpad({}));
  CHECK_FALSE(unpad(Bytes{'a', 0}));        // a count of none
  CHECK_FALSE(unpad(Bytes{'a', 3, 3}));     // two of three
  CHECK_FALSE(unpad(Bytes{3, 3}));          // more than there is
  CHECK_FALSE(unpad(Bytes{'a', 3, 2, 3}));  // not a run
  CHECK(unpad(Bytes{2, 2})->empty());       // nothing but padding
  CHECK(unpad(Bytes{'a', 3, 3, 3})->size() == 1);
  CHECK(unpad(Bytes(100, 40))->size() == 60);  // longer than we would write
}

}  // namespace padding_test
