// Which proxy a connection goes through, from the environment, by the same rules as libcurl,
// which the downloads use: the two must never disagree.
#pragma once

#include <optional>
#include <string>

#include "base/environment.h"
#include "wire/websocket_url.h"

namespace wasync {

// An HTTP proxy that is asked to CONNECT.
struct Proxy {
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string credentials;  // "user:password", decoded; empty for none. Secret.
  std::string variable;     // where it was found, to name in errors
};

// From https_proxy or HTTPS_PROXY for wss://, http_proxy for ws:// (in capitals that name can be
// set by an HTTP request where programs run as CGI), else all_proxy or ALL_PROXY; nothing when
// none is set or no_proxy or NO_PROXY names the host. A ws:// address is on this machine, so
// only a proxy on this machine is used for it. Throws Error(kConfig), without the value, which
// may hold a password, when it is no http:// proxy.
std::optional<Proxy> proxy_for(const WebSocketUrl& url, const Environment& environment);

// Whether an entry of the list (by commas or blanks) covers the host: "*", a domain with all
// below it (with or without a leading dot), an address, or a network like 10.0.0.0/8.
bool exempt_from_proxy(const std::string& host, const std::string& list);

}  // namespace wasync
