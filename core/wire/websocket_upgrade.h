// For servers that speak HTTP and WebSocket on one port: upgrades a connection after the server
// has read its HTTP request.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "wire/websocket.h"

namespace wasync {

// `request` must be a WebSocket upgrade (boost::beast::websocket::is_upgrade). Throws as
// accept_websocket does.
boost::asio::awaitable<std::unique_ptr<WebSocket>> accept_websocket(
    TcpSocket socket, boost::beast::http::request<boost::beast::http::string_body> request,
    std::chrono::steady_clock::time_point deadline);

}  // namespace wasync
