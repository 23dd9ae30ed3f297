// The one port of the simulator: WebSocket clients, the admin interface and the media host.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace wasync::sim {

class World;

class HttpServer {
 public:
  // Listens on `address`, "127.0.0.1:0" style; loopback only. Throws Error(kUsage) or
  // Error(kIo).
  HttpServer(World& world, boost::asio::any_io_executor executor, const std::string& address);
  ~HttpServer();

  std::string host_and_port() const;
  // Accepts until the executor stops.
  boost::asio::awaitable<void> serve();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync::sim
