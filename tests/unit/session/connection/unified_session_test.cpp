#include "session/connection/unified_session.h"

#include <doctest/doctest.h>

namespace unified_session_test {

using namespace wasync;

TEST_CASE("the session's number is the millisecond of the week, from Monday") {
  const auto id = [](std::int64_t at_ms) {
    const Node node = unified_session(std::chrono::milliseconds(at_ms));
    CHECK(node.tag == "ib");
    REQUIRE(node.child("unified_session") != nullptr);
    return node.child("unified_session")->text("id");
  };
  CHECK(id(0) == "259200000");  // a Thursday
  CHECK(id(4 * 86'400'000LL) == "0");
  CHECK(id(1'793'577'600'123) == "123");  // Monday, 2 November 2026
}

}  // namespace unified_session_test
