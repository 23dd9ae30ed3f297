#include "sim/http_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>

#include "base/error.h"
#include "base/number.h"
#include "sim/admin.h"
#include "sim/client_session.h"
#include "sim/world.h"
#include "wire/connection.h"
#include "wire/websocket_upgrade.h"

namespace wasync::sim {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

using HttpRequestMessage = http::request<http::string_body>;
constexpr std::chrono::seconds kTimeout{20};

HttpQuestion question_of(const HttpRequestMessage& request) {
  const std::string target(request.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  return {.method = std::string(request.method_string()),
          .path = target.substr(0, mark),
          .query = mark < target.size() ? target.substr(mark + 1) : std::string(),
          .range = std::string(request[http::field::range]),
          .secret = std::string(request["Companion_User_Secret"]),
          .body = request.body()};
}

// The script in which the real service names its current version, among much else.
HttpAnswer service_worker(const World& world) {
  HttpAnswer answer;
  answer.content_type = "application/javascript";
  const std::string revision =
      world.faults.on("web-version") ? world.faults.value("web-version") : "1046000000";
  if (revision.empty()) {
    answer.status = 404;
    return answer;
  }
  answer.body =
      "importScripts('x');self.__conf=\"{\\\"server_revision\\\":1,"
      "\\\"client_revision\\\":" +
      revision + ",\\\"tier\\\":\\\"sky\\\"}\";\n";
  return answer;
}

asio::awaitable<void> serve_client(World& world, TcpSocket socket, HttpRequestMessage request) {
  const auto executor = socket.get_executor();
  const auto deadline = std::chrono::steady_clock::now() + kTimeout;
  auto websocket = co_await accept_websocket(std::move(socket), std::move(request), deadline);
  ServerIdentity identity = world.service.server_identity();
  auto connection =
      co_await Connection::accept(std::move(websocket), std::move(identity), kTimeout);
  ClientSession session(world, std::move(connection), executor);
  co_await session.run();
}

asio::awaitable<bool> answer(TcpSocket& socket, const HttpRequestMessage& request,
                             HttpAnswer given) {
  http::response<http::string_body> response(static_cast<http::status>(given.status),
                                             request.version());
  response.set(http::field::content_type, given.content_type);
  if (!given.content_range.empty()) response.set(http::field::content_range, given.content_range);
  response.keep_alive(request.keep_alive() && given.announced_length == 0);
  response.body() = std::move(given.body);
  response.prepare_payload();
  if (given.announced_length != 0) response.content_length(given.announced_length);
  co_await http::async_write(socket, response, use_awaitable);
  co_return response.keep_alive();
}

// While the fault is on, they are counted, and looked at again soon.
asio::awaitable<void> hold(World& world, asio::any_io_executor executor) {
  constexpr std::chrono::milliseconds kSoon{10};
  asio::steady_timer timer(executor);
  ++world.media.held;
  while (world.faults.on("hold-blobs")) {
    timer.expires_after(kSoon);
    co_await timer.async_wait(use_awaitable);
  }
  --world.media.held;
}

asio::awaitable<void> serve_connection(World& world, TcpSocket socket) {
  try {
    beast::flat_buffer buffer;
    while (true) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(64 << 20);
      co_await http::async_read(socket, buffer, parser, use_awaitable);
      HttpRequestMessage request = parser.release();
      if (beast::websocket::is_upgrade(request)) {
        co_await serve_client(world, std::move(socket), std::move(request));
        co_return;
      }
      const HttpQuestion question = question_of(request);
      if (question.path.starts_with("/v/") && world.faults.on("hold-blobs"))
        co_await hold(world, socket.get_executor());
      HttpAnswer given = question.path.starts_with("/admin/") ? answer_admin(world, question)
                         : question.path == "/sw.js"          ? service_worker(world)
                                                              : answer_media(world, question);
      const bool more = co_await answer(socket, request, std::move(given));
      if (!more) co_return;
    }
  } catch (const std::exception& error) {
    world.log(std::string("connection failed: ") + error.what());
  }
}

tcp::endpoint parse_endpoint(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address.substr(0, colon), error);
  std::string_view digits =
      colon == std::string::npos ? "" : std::string_view(address).substr(colon + 1);
  const std::uint16_t port = take_number<std::uint16_t>(digits).value_or(0);
  if (error || !ip.is_loopback())
    throw Error(ErrorCode::kUsage, "the simulator listens on loopback addresses only");
  return {ip, port};
}

}  // namespace

struct HttpServer::State {
  World& world;
  tcp::acceptor acceptor;
};

HttpServer::HttpServer(World& world, asio::any_io_executor executor, const std::string& address) {
  const tcp::endpoint endpoint = parse_endpoint(address);
  try {
    state_.reset(new State{world, tcp::acceptor(executor, endpoint)});
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorCode::kIo, "cannot listen on " + address + ": " + error.code().message());
  }
  world.service.media_hostname = host_and_port();
}

HttpServer::~HttpServer() = default;

std::string HttpServer::host_and_port() const {
  const tcp::endpoint endpoint = state_->acceptor.local_endpoint();
  return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

asio::awaitable<void> HttpServer::serve() {
  const auto executor = state_->acceptor.get_executor();
  while (true) {
    TcpSocket socket = co_await state_->acceptor.async_accept(use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(executor, serve_connection(state_->world, std::move(socket)), asio::detached);
  }
}

}  // namespace wasync::sim
