#include "cli/term/width.h"

#include <doctest/doctest.h>

namespace width_test {

using wasync::term::wrapped;

TEST_CASE("lines break between words, and go on behind the indent") {
  CHECK(wrapped("one two three", 80, 0, 0) == "one two three");
  CHECK(wrapped("one two three", 9, 0, 2) == "one two\n  three");
  CHECK(wrapped("one two three", 9, 4, 2) == "one\n  two\n  three");
  CHECK(wrapped("ășț două", 8, 0, 0) == "ășț două");  // columns, not bytes
}

TEST_CASE("a word that is too long has a line of its own") {
  CHECK(wrapped("a extraordinary b", 5, 0, 1) == "a\n extraordinary\n b");
}

TEST_CASE("space of any kind is one") {
  CHECK(wrapped(" one\n two  ", 80, 0, 0) == "one two");
  CHECK(wrapped("", 80, 0, 0).empty());
}

}  // namespace width_test
