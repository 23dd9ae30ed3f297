#include "service/rate_limit.h"

#include <doctest/doctest.h>

namespace rate_limit_test {

using namespace wasync;
using namespace std::chrono_literals;

namespace {

const auto kStart = RateLimit::Time{} + 1000h;

boost::asio::ip::address address(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

int served(RateLimit& limit, const std::string& client, RateLimit::Time at, int asked) {
  int count = 0;
  for (int i = 0; i < asked; ++i)
    if (!limit.take(address(client), at)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a burst is served, then so many a second") {
  RateLimit limit({.per_second = 2, .burst = 5});
  CHECK(served(limit, "10.0.0.1", kStart, 20) == 5);
  CHECK(served(limit, "10.0.0.1", kStart + 1s, 20) == 2);
  CHECK(served(limit, "10.0.0.1", kStart + 1h, 20) == 5);
}

TEST_CASE("who asks too often is told when to come again") {
  RateLimit limit({.per_second = 0.1, .burst = 1});
  CHECK_FALSE(limit.take(address("10.0.0.1"), kStart));
  CHECK(limit.take(address("10.0.0.1"), kStart) == 10s);
  CHECK(limit.take(address("10.0.0.1"), kStart + 4s) == 6s);
  CHECK_FALSE(limit.take(address("10.0.0.1"), kStart + 10s));
}

TEST_CASE("clients do not pay for one another; an IPv6 network is one client") {
  RateLimit limit({.per_second = 1, .burst = 1});
  CHECK(served(limit, "10.0.0.1", kStart, 3) == 1);
  CHECK(served(limit, "10.0.0.2", kStart, 3) == 1);
  CHECK(served(limit, "2001:db8::1", kStart, 1) == 1);
  CHECK(served(limit, "2001:db8::ffff:2", kStart, 1) == 0);
  CHECK(served(limit, "2001:db8:0:1::1", kStart, 1) == 1);
  CHECK(served(limit, "::ffff:10.0.0.1", kStart, 1) == 0);  // the first one again
  CHECK(served(limit, "::ffff:10.0.0.3", kStart, 1) == 1);
}

TEST_CASE("an IPv6 network of 64 bits is one client, and IPv4 in IPv6 is IPv4") {
  const auto client = [](const char* text) { return client_of(address(text)); };
  CHECK(client("2001:db8::1") == client("2001:db8::ffff:2"));
  CHECK(client("fe80::1%1") == client("fe80::2"));
  CHECK(client("2001:db8::1") != client("2001:db8:0:1::1"));
  CHECK(client("::ffff:10.0.0.1") == client("10.0.0.1"));
  CHECK(client("10.0.0.1") != client("10.0.0.2"));
}

TEST_CASE("the table is bounded, and forgets who has been silent longest") {
  RateLimit limit({.per_second = 0.001, .burst = 1, .clients = 3});
  for (const char* client : {"10.0.0.1", "10.0.0.2", "10.0.0.3"})
    CHECK(served(limit, client, kStart, 2) == 1);
  CHECK(served(limit, "10.0.0.1", kStart, 1) == 0);
  CHECK(served(limit, "10.0.0.4", kStart, 1) == 1);
  CHECK(limit.clients() == 3);
  CHECK(served(limit, "10.0.0.1", kStart, 1) == 0);
  CHECK(served(limit, "10.0.0.2", kStart, 1) == 1);  // was forgotten
}

}  // namespace rate_limit_test
