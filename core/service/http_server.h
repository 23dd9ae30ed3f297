// A small HTTP/1.1 server for the API: coroutines on the caller's io_context, every length and
// every wait bounded. It knows no paths: its caller answers.
//
// It answers itself, in the API's form for errors: 400 (not HTTP), 413 and 431 (too large), 429
// (too often), 500 (the handler threw; only the log says what), 501 (a transfer coding that it
// does not know) and 503 (too many connections). It drops a client that is too slow.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "service/http_message.h"
#include "service/rate_limit.h"

namespace wasync {

struct HttpServerOptions {
  std::size_t connections = 256;
  std::size_t connections_per_client = 128;  // a proxy needs many; see client_of()
  std::uint32_t header_bytes = 16 << 10;     // request line included
  std::size_t body_bytes = 64 << 10;
  std::chrono::milliseconds idle{60'000};    // before a request begins
  std::chrono::milliseconds header{10'000};  // from its first byte to the end of its head
  std::chrono::milliseconds body{15'000};    // from there to its end
  std::chrono::milliseconds write{30'000};   // of one answer, all of it
  std::chrono::milliseconds linger{2'000};   // reading on after a refusal, so that it arrives
  std::chrono::milliseconds stop{3'000};     // for answers under way when it is stopped
  RateLimit::Options rate{};
};

// Used from the executor's thread.
class HttpServer {
 public:
  using Handler = std::function<boost::asio::awaitable<HttpReply>(const HttpAsk&)>;

  // Listens, but accepts nobody yet. Throws Error(kConfig) when the address cannot be had.
  HttpServer(const boost::asio::any_io_executor& executor,
             const boost::asio::ip::tcp::endpoint& address, Handler handler,
             HttpServerOptions options = {});
  // Only after stop(), or when the io_context will not run any more.
  ~HttpServer();

  boost::asio::ip::tcp::endpoint address() const;  // with the port that is bound

  void start();
  // Accepts nobody any more, drops who is idle, lets answers under way end for a while, and
  // returns when no handler runs.
  boost::asio::awaitable<void> stop();

  std::size_t connections() const;
  // Answers so far, by status.
  const std::map<unsigned, std::uint64_t>& answers() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wasync
