// Where the HTTP API listens: the ADDR:PORT of --http.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

namespace wasync {

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (which is 127.0.0.1) or ":8080" (every
// address). Other names are not looked up: what is listened on must not depend on DNS. Port 0 lets
// the kernel choose. Throws Error(kUsage).
boost::asio::ip::tcp::endpoint parse_listen_address(std::string_view text);

// "127.0.0.1:8080", "[::1]:8080".
std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

// 127.0.0.0/8 and ::1, also as ::ffff:127.0.0.1.
bool is_loopback(const boost::asio::ip::address& address);

}  // namespace wasync
