#include "google/googles_time.h"

#include "unit/google/google.h"

namespace googles_time_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;

namespace {

// Whether we go by that clock once it has told the time.
bool teaches(std::chrono::seconds ahead) {
  const OtherClock google{ahead};
  HttpHead answer;
  const std::string header = date_header(google.now());
  answer.headers.emplace_back("date", header.substr(6, header.size() - 8));
  learn_googles_time(answer);
  return google.is_ours();
}

}  // namespace

TEST_CASE("Google's time is ours when our clock is wrong") {
  CHECK(teaches(3min));
  CHECK(teaches(-240h));
  CHECK_FALSE(teaches(100s));  // as far as clocks of hosts agree
  CHECK(std::abs(UnixSeconds::now().value - UnixSeconds::of_host().value) <= 1);
}

TEST_CASE("what WhatsApp has told stands, also that our clock is right") {
  for (const auto ahead : {10h, 0h}) {
    const OtherClock whatsapp{ahead};
    learn_time(whatsapp.now());
    HttpHead answer;
    answer.headers.emplace_back("date", "Sun, 06 Nov 2016 08:49:37 GMT");
    learn_googles_time(answer);
    CHECK(whatsapp.is_ours());
  }
}

TEST_CASE("an answer without a date, or with an absurd one, teaches nothing") {
  const OtherClock ours{};
  learn_googles_time({});
  HttpHead answer;
  answer.headers.emplace_back("date", "Sun, 06 Nov 1994 08:49:37 GMT");
  learn_googles_time(answer);
  CHECK(ours.is_ours());
}

}  // namespace googles_time_test
