// Which proxy a connection goes through, from the environment, by the same rules as libcurl,
// which the downloads use: the two must never disagree.
#pragma once

#include <optional>
#include <string>

#include "base/environment.h"
#include "wire/websocket_url.h"

namespace wasync {

// An HTTP proxy, which we ask to CONNECT.
struct Proxy {
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string credentials;  // "user:password", decoded; empty for none. Secret.
  std::string variable;     // where it was found, to name in errors
};

// From https_proxy or HTTPS_PROXY for wss://, http_proxy for ws://, else all_proxy or ALL_PROXY.
// (Not HTTP_PROXY: for a program that runs as CGI, an HTTP request can set that.) Nothing when none
// is set, or no_proxy or NO_PROXY names the host. A ws:// address is on this machine, so only a
// proxy on this machine counts for it. Throws Error(kConfig) when the value is no http:// proxy;
// the error does not contain the value, which may hold a password.
std::optional<Proxy> proxy_for(const WebSocketUrl& url, const Environment& environment);

// Whether an entry of the list (by commas or blanks) covers the host: "*", a domain with all
// below it (with or without a leading dot), an address, or a network like 10.0.0.0/8.
bool exempt_from_proxy(const std::string& host, const std::string& list);

}  // namespace wasync
