#include "service/http_server.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <string>

#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/wake.h"
#include "service/http_address.h"
#include "service/http_connection.h"

namespace wasync {
namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Beyond the connections that are served, these are told that there is no room; the others are
// not even that.
constexpr std::size_t kMostTurnedAway = 32;

}  // namespace

// Held by every coroutine of the server.
struct HttpServer::State : std::enable_shared_from_this<State> {
  State(const asio::any_io_executor& executor, Handler handler, HttpServerOptions options)
      : acceptor(executor),
        ended(executor),
        stopped(executor),
        service{
            .handler = std::move(handler), .options = options, .rate = RateLimit(options.rate)} {}

  void listen(const tcp::endpoint& address) try {
    acceptor.open(address.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    if (address.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false));
    acceptor.bind(address);
    acceptor.listen();
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorCode::kConfig,
                Phrase{"cannot listen on {}: {}", "nu se poate asculta pe {}: {}"}.with(
                    to_text(address), error.code().message()),
                Phrase{"Choose another --http ADDR:PORT.", "Alege alt --http ADDR:PORT."});
  }

  asio::awaitable<void> accept() {
    while (!service.stopping) {
      error_code error;
      tcp::socket socket =
          co_await acceptor.async_accept(asio::redirect_error(use_awaitable, error));
      if (service.stopping || error == asio::error::operation_aborted) break;
      if (!error) {
        accepts = true;
        admit(std::move(socket));
        continue;
      }
      if (accepts) log::warn("the HTTP API cannot accept a connection: {}", error.message());
      accepts = false;  // said once, however long it lasts
      co_await stopped.wait_for(std::chrono::milliseconds(200));  // out of descriptors, most likely
    }
  }

  bool has_room_for(const asio::ip::address& peer) const {
    const auto of_client = static_cast<std::size_t>(std::ranges::count_if(
        connections, [&](const auto& each) { return client_of(each->peer()) == client_of(peer); }));
    return connections.size() < service.options.connections &&
           of_client < service.options.connections_per_client;
  }

  void admit(tcp::socket socket) {
    auto connection = std::make_shared<HttpConnection>(std::move(socket), service);
    const bool room = has_room_for(connection->peer());
    if (!room && turned_away.size() >= kMostTurnedAway) return;
    (room ? connections : turned_away).push_back(connection);
    asio::co_spawn(acceptor.get_executor(), serve(shared_from_this(), connection, room),
                   asio::detached);
  }

  static asio::awaitable<void> serve(std::shared_ptr<State> self,
                                     std::shared_ptr<HttpConnection> connection, bool room) {
    try {
      if (room)
        co_await connection->serve();
      else
        co_await connection->turn_away();
    } catch (const std::exception& error) {
      log::debug("a client of the HTTP API is gone: {}", error.what());
    }
    connection->close();
    (room ? self->connections : self->turned_away).remove(connection);
    self->ended.notify();
  }

  void close_connections(bool idle_only) {
    for (const auto& each : connections)
      if (!idle_only || each->is_idle()) each->close();
    for (const auto& each : turned_away) each->close();
  }

  asio::awaitable<void> wait_until_ended() {
    while (accepting || !connections.empty() || !turned_away.empty()) co_await ended.wait();
  }

  tcp::acceptor acceptor;
  Wake ended;  // a connection, or accepting
  Wake stopped;
  HttpService service;
  bool accepting = false;
  bool accepts = true;  // the last attempt did not fail
  std::list<std::shared_ptr<HttpConnection>> connections;
  std::list<std::shared_ptr<HttpConnection>> turned_away;
};

HttpServer::HttpServer(const asio::any_io_executor& executor, const tcp::endpoint& address,
                       Handler handler, HttpServerOptions options)
    : state_(std::make_shared<State>(executor, std::move(handler), options)) {
  state_->listen(address);
}

HttpServer::~HttpServer() {
  error_code ignored;
  state_->service.stopping = true;
  state_->acceptor.close(ignored);
  state_->close_connections(false);
}

tcp::endpoint HttpServer::address() const {
  return state_->acceptor.local_endpoint();
}

void HttpServer::start() {
  state_->accepting = true;
  auto accept = [](std::shared_ptr<State> state) -> asio::awaitable<void> {
    co_await state->accept();
    state->accepting = false;
    state->ended.notify();
  };
  asio::co_spawn(state_->acceptor.get_executor(), accept(state_), asio::detached);
}

asio::awaitable<void> HttpServer::stop() {
  const auto state = state_;
  error_code ignored;
  state->service.stopping = true;
  state->acceptor.close(ignored);
  state->stopped.notify();
  state->close_connections(true);
  const Deadline deadline(state->acceptor.get_executor(),
                          std::chrono::steady_clock::now() + state->service.options.stop,
                          [state] { state->close_connections(false); });
  co_await state->wait_until_ended();
}

std::size_t HttpServer::connections() const {
  return state_->connections.size();
}

const std::map<unsigned, std::uint64_t>& HttpServer::answers() const {
  return state_->service.answers;
}

}  // namespace wasync
