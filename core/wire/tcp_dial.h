// The TCP connection below a WebSocket: to the server, or through the proxy in front of it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <string>

#include "base/environment.h"
#include "base/phrase.h"
#include "wire/websocket_url.h"

namespace wasync {

// The one place where a TCP connection towards a server is made. A plain URL leads to loopback
// addresses only, whatever its name resolves to. Throws what dial_websocket throws.
boost::asio::awaitable<boost::asio::ip::tcp::socket> dial_tcp(
    const WebSocketUrl& url, const Environment& environment,
    std::chrono::steady_clock::time_point deadline);

// Error kTimeout and kNetwork, in the words of all that has to do with connections.
[[noreturn]] void timed_out(const Words& what);
[[noreturn]] void network_failure(const Words& what, const boost::system::error_code& error);

}  // namespace wasync
