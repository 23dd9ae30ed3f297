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

// The one place that connects to a server over TCP. With a plain URL it connects to loopback
// addresses only, whatever the name resolves to. Throws what dial_websocket throws.
boost::asio::awaitable<boost::asio::ip::tcp::socket> dial_tcp(
    const WebSocketUrl& url, const Environment& environment,
    std::chrono::steady_clock::time_point deadline);

// Error(kTimeout) and Error(kNetwork), in the words that all connection errors share.
[[noreturn]] void timed_out(const Words& what);
[[noreturn]] void network_failure(const Words& what, const boost::system::error_code& error);

}  // namespace wasync
