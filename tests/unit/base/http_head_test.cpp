#include <doctest/doctest.h>

#include "base/http.h"

namespace http_head_test {

using namespace wasync;
using namespace std::chrono_literals;

TEST_CASE("a header is found by its name") {
  const HttpHead head{.status = 200, .headers = {{"date", "x"}, {"via", "1"}, {"via", "2"}}};
  CHECK(head.header("via") == "1");
  CHECK(head.header("retry-after").empty());
}

TEST_CASE("dates of HTTP") {
  const auto seconds = [](std::string_view text) { return parse_http_date(text)->value; };
  CHECK(seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(seconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(seconds("Thu, 29 Feb 2024 23:59:60 GMT") == 1709251200);
  for (const char* text :
       {"", "now", "3", "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 ovD 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:61:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMTx", "Sun, 06 Nov 1994 08:49: 7 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text));
  }
}

TEST_CASE("how far apart the clocks are") {
  const HttpHead head{.status = 400, .headers = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}};
  CHECK(clock_skew(head, {784111777 + 600}) == 600s);
  CHECK(clock_skew(head, {784111777 - 60}) == -60s);
  CHECK_FALSE(clock_skew(HttpHead{}, {784111777}));
}

}  // namespace http_head_test
