#include "session/connection/latest_web_version.h"

#include <doctest/doctest.h>

#include <string>

#include "base/error.h"
#include "unit/http_stub.h"

namespace latest_web_version_test {

using namespace wasync;
using namespace std::chrono_literals;
using synthetic::HttpStub;

namespace {

std::string server_of(const HttpStub& stub) {
  return "ws://" + stub.host().substr(std::string("http://").size()) + "/ws/chat";
}

}  // namespace

TEST_CASE("the script names the version, whichever way it is quoted") {
  const WebVersion expected{.parts = {2, 3000, 1046000001}};
  for (const char* script :
       {R"({"client_revision":1046000001,"x":1})", R"("{\"client_revision\":1046000001,")",
        R"({ "client_revision" : 1046000001 })",
        R"("client_revision":,"client_revision":1046000001)"}) {
    CAPTURE(script);
    CHECK(web_version_in(script) == expected);
  }
  for (const char* script :
       {"", "client_revision", R"("client_revision")", R"("client_revision":)",
        R"("client_revision":"new")", R"("client_revision":0)", R"("client_revision":-5)",
        R"("client_revision":99999999999999)", R"("server_revision":1046000001)"}) {
    CAPTURE(script);
    CHECK_FALSE(web_version_in(script));
  }
}

TEST_CASE("it is asked of the server's own host, without naming anybody") {
  const HttpStub stub({synthetic::ok(R"(self.x={"client_revision":1046000001,})")});
  CHECK(latest_web_version(server_of(stub), 5s) == WebVersion{.parts = {2, 3000, 1046000001}});
  REQUIRE(stub.requests().size() == 1);
  const std::string request = stub.requests()[0];
  CHECK(request.starts_with("GET /sw.js HTTP/1.1\r\n"));
  CHECK(request.find("Sec-Fetch-Site: none") != std::string::npos);
  CHECK(request.find("Cookie") == std::string::npos);
}

TEST_CASE("whatever goes wrong, there is no answer and no error") {
  for (const std::string& answer :
       {std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        std::string(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
        std::string("HTTP/1.1 500 Oh\r\nContent-Length: 26\r\n\r\n\"client_revision\":10460000,"),
        std::string("not HTTP at all\r\n\r\n"), std::string(), synthetic::ok("robots go away"),
        synthetic::ok(std::string(3'000'000, 'x') + R"("client_revision":1046000001,)")}) {
    CAPTURE(answer.substr(0, 60));
    const HttpStub stub({answer});
    CHECK_FALSE(latest_web_version(server_of(stub), 5s));
  }
  CHECK_FALSE(latest_web_version("ws://127.0.0.1:1/ws/chat", 5s));
}

TEST_CASE("a server that says nothing is not waited for") {
  const HttpStub stub({std::string("HTTP/1.1 200 OK\r\n") + HttpStub::kHang});
  const auto begun = std::chrono::steady_clock::now();
  CHECK_FALSE(latest_web_version(server_of(stub), 100ms));
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("a server address that is none is said to be so") {
  CHECK_THROWS_AS(latest_web_version("http://127.0.0.1/", 1s), Error);
  CHECK_THROWS_AS(latest_web_version("ws://192.0.2.1/", 1s), Error);
}

}  // namespace latest_web_version_test
