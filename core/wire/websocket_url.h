// Server addresses: wss://host[:port][/path], and ws:// for this machine only.
#pragma once

#include <string>
#include <string_view>

namespace wasync {

struct WebSocketUrl {
  bool secure = true;
  std::string host;    // without the brackets of an IPv6 address
  std::string port;    // decimal, always set
  std::string target;  // path and query, always with a leading '/'

  // The Host header: with brackets where due, and the port unless it is the usual one.
  std::string authority() const;
};

// Throws Error(kConfig) for anything else, and for ws:// to a host that is not loopback
// (127.0.0.0/8, ::1 or localhost), because it would not be encrypted.
WebSocketUrl parse_websocket_url(std::string_view text);

}  // namespace wasync
