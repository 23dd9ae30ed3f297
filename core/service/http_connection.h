// One client of the HTTP server. Private to the server.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "service/http_server.h"
#include "service/rate_limit.h"

namespace wasync {

// What all connections share.
struct HttpService {
  HttpServer::Handler handler;
  HttpServerOptions options;
  RateLimit rate;
  bool stopping = false;
  std::map<unsigned, std::uint64_t> answers{};
};

class HttpConnection {
 public:
  HttpConnection(boost::asio::ip::tcp::socket socket, HttpService& service);

  // Until the client leaves, misbehaves, or the service stops. Throws what ends a connection.
  boost::asio::awaitable<void> serve();
  // Instead: says that there is no room.
  boost::asio::awaitable<void> turn_away();

  bool is_idle() const { return idle_; }
  void close();
  const boost::asio::ip::address& peer() const { return peer_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<bool> wait_for_request();
  // Nothing when all is read, else what to say before hanging up.
  boost::asio::awaitable<std::optional<HttpReply>> read(Parser& parser);
  boost::asio::awaitable<HttpReply> reply_to(const HttpAsk& ask);
  boost::asio::awaitable<void> write(HttpReply reply, bool head_only, bool keep_alive);
  boost::asio::awaitable<void> drain();

  boost::asio::ip::tcp::socket socket_;
  HttpService& service_;
  boost::asio::ip::address peer_;
  boost::beast::flat_buffer buffer_;
  bool idle_ = true;
};

}  // namespace wasync
