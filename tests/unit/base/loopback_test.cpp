#include "base/loopback.h"

#include <doctest/doctest.h>

namespace loopback_test {

using namespace wasync;

TEST_CASE("which hosts are this machine") {
  for (const char* host : {"127.0.0.1", "127.255.0.9", "localhost", "::1", "[::1]", "0:0::1"}) {
    CAPTURE(host);
    CHECK(is_loopback(host));
  }
  for (const char* host : {"", "128.0.0.1", "127.0.0.1.example.com", "127.example.com", "::2",
                           "localhost.example.com", "0.0.0.0", "metadata.google.internal"}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback(host));
  }
}

}  // namespace loopback_test
