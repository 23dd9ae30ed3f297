#include "cli/exit_code.h"

#include <doctest/doctest.h>

#include <map>

namespace exit_code_test {

using namespace wasync;

// The contract's list, kind by kind: runbooks depend on it.
TEST_CASE("every kind of error has its exit code") {
  using enum ErrorCode;
  const std::map<ErrorCode, int> expected{
      {kInternal, 1},
      {kIo, 1},
      {kStore, 1},
      {kStoreTooNew, 1},
      {kProtocol, 1},
      {kMedia, 1},
      {kCrypto, 1},
      {kInterrupted, 1},
      {kUsage, 2},
      {kConfig, 2},
      {kNotPaired, 3},
      {kLoggedOut, 3},
      {kPairingFailed, 4},
      {kNetwork, 4},
      {kServerRefused, 4},
      {kClientOutdated, 4},
      {kBanned, 4},
      {kTimeout, 6},
      {kServerUntrusted, 4},
      {kPasskeyRequired, 4},
      {kFirestoreUnreachable, 5},
      {kFirestoreRefused, 5},
      {kHeldElsewhere, 7},
      {kReplaced, 7},
      {kNothingToDo, 8},
  };
  for (int i = 0; i <= static_cast<int>(kInterrupted); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    CAPTURE(name(code));
    REQUIRE(expected.contains(code));
    CHECK(static_cast<int>(exit_code(code)) == expected.at(code));
  }
}

}  // namespace exit_code_test
