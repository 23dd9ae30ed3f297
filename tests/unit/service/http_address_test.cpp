#include "service/http_address.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace http_address_test {

using namespace wasync;

TEST_CASE("an address to listen on is an IP address and a port") {
  for (const char* text : {"127.0.0.1:8080", "[::1]:8080", "0.0.0.0:0", "[::]:65535"})
    CHECK(to_text(parse_listen_address(text)) == text);
  CHECK(to_text(parse_listen_address("localhost:80")) == "127.0.0.1:80");
  CHECK(to_text(parse_listen_address(":80")) == "0.0.0.0:80");
}

TEST_CASE("what is none is refused, without being sent to a terminal raw") {
  for (const char* text : {"", ":", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1:80x", "::1:80", "[127.0.0.1]:80", "[]:80",
                           "example.com:80", "127.0.0.1 :80", "127.1:80x"})
    CHECK_THROWS_AS(parse_listen_address(text), Error);
  try {
    parse_listen_address("\x1b[31m\xff:80");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\x1b') == std::string::npos);
  }
}

TEST_CASE("loopback, however it is written") {
  const auto loopback = [](const char* text) {
    return is_loopback(boost::asio::ip::make_address(text));
  };
  CHECK(loopback("127.0.0.1"));
  CHECK(loopback("127.9.9.9"));
  CHECK(loopback("::1"));
  CHECK(loopback("::ffff:127.0.0.1"));
  CHECK_FALSE(loopback("0.0.0.0"));
  CHECK_FALSE(loopback("::ffff:10.0.0.1"));
  CHECK_FALSE(loopback("::"));
  CHECK_FALSE(loopback("192.168.0.1"));
}

}  // namespace http_address_test
