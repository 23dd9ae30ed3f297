#include "wire/websocket_url.h"

#include "base/error.h"
#include "loopback.h"

namespace websocket_url_test {

using namespace wasync;
using wasync::testing::code_of;

TEST_CASE("a server address has host, port and path, with the usual defaults") {
  const WebSocketUrl usual = parse_websocket_url("wss://web.whatsapp.com/ws/chat");
  CHECK(usual.secure);
  CHECK(usual.host == "web.whatsapp.com");
  CHECK(usual.port == "443");
  CHECK(usual.target == "/ws/chat");
  CHECK(usual.authority() == "web.whatsapp.com");

  const WebSocketUrl full = parse_websocket_url("wss://a.example:8443/x?y=z#fragment");
  CHECK(full.port == "8443");
  CHECK(full.target == "/x?y=z");
  CHECK(full.authority() == "a.example:8443");

  CHECK(parse_websocket_url("wss://a.example").target == "/");
  CHECK(parse_websocket_url("wss://a.example?x=1").target == "/?x=1");

  const WebSocketUrl six = parse_websocket_url("wss://[2001:db8::1]:9/a");
  CHECK(six.host == "2001:db8::1");
  CHECK(six.authority() == "[2001:db8::1]:9");
}

TEST_CASE("unencrypted addresses are for this machine only") {
  for (const char* good : {"ws://127.0.0.1:80/", "ws://127.255.3.4:5", "ws://localhost:1/ws",
                           "ws://[::1]:7000/ws/chat"}) {
    CHECK_FALSE(parse_websocket_url(good).secure);
  }
  for (const char* bad : {"ws://web.whatsapp.com/ws/chat", "ws://10.0.0.1:80/", "ws://0.0.0.0:80/",
                          "ws://127.0.0.1.example.com/", "ws://localhost.example.com/",
                          "ws://[::2]:1/", "ws://127.1/", "ws://[fe80::1]/"}) {
    CHECK_MESSAGE(code_of([&] { parse_websocket_url(bad); }) == ErrorCode::kConfig, bad);
  }
}

TEST_CASE("what is no server address is refused") {
  for (const char* bad :
       {"", "web.whatsapp.com", "https://web.whatsapp.com/", "wss://", "wss:///ws", "wss://:443/",
        "wss://a.example:/", "wss://a.example:0/", "wss://a.example:65536/", "wss://a.example:+1/",
        "wss://a.example:44x/", "wss://user@a.example/", "wss://[::1", "wss://[::1]x/",
        "wss://a.example/\r\nHost: b", "wss://a.example/a b", "wss://ex\xc3\xa4mple.com/"}) {
    CHECK_MESSAGE(code_of([&] { parse_websocket_url(bad); }) == ErrorCode::kConfig, bad);
  }
}

}  // namespace websocket_url_test
