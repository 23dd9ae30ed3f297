#include "session/connection/web_version.h"

#include <doctest/doctest.h>

namespace web_version_test {

using namespace wasync;

TEST_CASE("web versions are three numbers") {
  CHECK(WebVersion::parse("2.3000.1045649367") == WebVersion{});
  CHECK(WebVersion{.parts = {1, 2, 3}}.to_string() == "1.2.3");
  for (const char* bad :
       {"", "2", "2.3000", "2.3000.", "2.3000.x", "2.3000.1.4", "-1.2.3", "2.3000.99999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(WebVersion::parse(bad));
  }
}

}  // namespace web_version_test
