// A WebSocket connection as a stream of bytes, over TLS or (loopback only) plain TCP.
// Boost.Beast and the TLS library stay behind this header: they compile slowly.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/environment.h"

namespace boost::asio {
template <typename Protocol, typename Executor>
class basic_stream_socket;
namespace ip {
class tcp;
}
}  // namespace boost::asio

namespace wasync {

// The same type as boost::asio::ip::tcp::socket, without its headers.
using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::any_io_executor>;

// One open WebSocket, client or server side. Used from one thread; at most one `read` and
// one `write` may be under way at a time. The owner keeps it alive until both have ended.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // Some more bytes of binary messages, never empty. Message boundaries are not kept:
  // the protocol's own framing ignores them. Throws Error(kNetwork) once the peer has
  // closed or the connection broke, Error(kProtocol) for what WebSocket forbids.
  virtual boost::asio::awaitable<Bytes> read() = 0;

  // Sends one binary message. Throws Error(kNetwork).
  virtual boost::asio::awaitable<void> write(BytesView message) = 0;

  // Says goodbye (close frame, TLS shutdown) and drops the connection, within a second
  // whatever the peer does. Never throws.
  virtual boost::asio::awaitable<void> close() = 0;

  // Drops TCP at once, without goodbye: the peer sees a reset. Pending operations fail.
  virtual void abort() noexcept = 0;
};

struct DialOptions {
  // PEM file of certificates trusted besides the system's; empty for none.
  std::string ca_file{};
  // Where a proxy may be named; see wire/proxy.h.
  Environment environment = process_environment();
};

// Connects, upgrades and returns the open WebSocket. Accepts wss:// URLs, and ws:// URLs
// whose host is loopback; goes through the proxy that the environment names. Throws Error:
//   kConfig           the URL or the proxy is not acceptable, or ca_file cannot be read
//   kNetwork          no connection (name resolution, TCP, proxy, TLS)
//   kServerUntrusted  the TLS certificate does not verify for this host
//   kServerRefused    the server answered the upgrade with another HTTP status
//   kTimeout          the deadline passed first
boost::asio::awaitable<std::unique_ptr<WebSocket>> dial_websocket(
    std::string url, DialOptions options, std::chrono::steady_clock::time_point deadline);

// Server side: reads the upgrade request from a freshly accepted socket and accepts it.
// (For a request that was read already, see wire/websocket_upgrade.h.)
boost::asio::awaitable<std::unique_ptr<WebSocket>> accept_websocket(
    TcpSocket socket, std::chrono::steady_clock::time_point deadline);

}  // namespace wasync
