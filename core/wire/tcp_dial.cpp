#include "wire/tcp_dial.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <vector>

#include "base/bytes.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/wake.h"
#include "wire/proxy.h"

namespace wasync {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;
using TimePoint = steady_clock::time_point;

constexpr std::size_t kMaxProxyAnswer = 16 << 10;
// One address that does not answer must not use up the time of the ones behind it.
constexpr auto kConnectLimit = std::chrono::seconds(8);

// The resolver's thread cannot be interrupted, so it is left behind when the time is up.
struct Resolution {
  explicit Resolution(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  Wake done;
  bool finished = false;
  error_code error;
  tcp::resolver::results_type found;
};

asio::awaitable<std::vector<tcp::endpoint>> resolve(const std::string& host,
                                                    const std::string& port, TimePoint deadline) {
  const auto resolution = std::make_shared<Resolution>(co_await asio::this_coro::executor);
  resolution->resolver.async_resolve(
      host, port, [resolution](const error_code& error, tcp::resolver::results_type found) {
        resolution->finished = true;
        resolution->error = error;
        resolution->found = std::move(found);
        resolution->done.notify();
      });
  co_await resolution->done.wait_until(deadline);
  if (!resolution->finished) {
    resolution->resolver.cancel();
    if (steady_clock::now() < deadline)
      throw boost::system::system_error(asio::error::operation_aborted);  // we are cancelled
    timed_out(Phrase{"looking up {}", "căutarea adresei {}"}.with(host));
  }
  if (resolution->error)
    network_failure(Phrase{"cannot look up {}", "adresa {} nu poate fi găsită"}.with(host),
                    resolution->error);
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : resolution->found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

// Where TCP connects to: the server, or the proxy in front of it.
struct Target {
  std::string host;
  std::string port;
  bool loopback_only = false;
  bool is_proxy = false;
  std::string name() const { return (is_proxy ? "the proxy " : "") + host + " port " + port; }
};

// The one place where a TCP connection towards a server is made.
asio::awaitable<tcp::socket> connect_tcp(Target target, TimePoint deadline) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const std::vector<tcp::endpoint> endpoints = co_await resolve(target.host, target.port, deadline);
  error_code error = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : endpoints) {
    // The hosts file or a name server may resolve "localhost" to any address.
    if (target.loopback_only && !endpoint.address().is_loopback()) continue;
    tcp::socket socket(executor);
    const TimePoint limit = std::min(deadline, steady_clock::now() + kConnectLimit);
    const Deadline attempt(executor, limit, [&socket] {
      error_code ignored;
      socket.close(ignored);
    });
    co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      socket.set_option(asio::socket_base::keep_alive(true), ignored);
      co_return std::move(socket);
    }
    if (attempt.expired()) error = asio::error::timed_out;
    if (steady_clock::now() >= deadline)
      timed_out(Phrase{"connecting to {}", "conectarea la {}"}.with(target.host));
  }
  network_failure(
      Phrase{"cannot connect to {}", "nu se poate face conexiunea la {}"}.with(target.name()),
      error);
}

[[noreturn]] void proxy_refused(const Proxy& proxy, const WebSocketUrl& url, unsigned status) {
  if (status == 407) {
    const Phrase what =
        proxy.credentials.empty()
            ? Phrase{"the proxy {} port {} wants a user name and a password (407)",
                     "proxy-ul {} port {} cere un nume de utilizator și o parolă (407)"}
            : Phrase{"the proxy {} port {} refuses the user name or password (407)",
                     "proxy-ul {} port {} refuză numele de utilizator sau parola (407)"};
    throw Error(ErrorCode::kNetwork, what.with(proxy.host, proxy.port),
                Phrase{"Put the right ones into {}: http://user:password@host:port, special "
                       "characters as %XX.",
                       "Pune-le pe cele bune în {}: http://user:password@host:port, caracterele "
                       "speciale ca %XX."}
                    .with(proxy.variable));
  }
  throw Error(ErrorCode::kNetwork,
              Phrase{"the proxy {} port {} does not connect to {} ({})",
                     "proxy-ul {} port {} nu se conectează la {} ({})"}
                  .with(proxy.host, proxy.port, url.host, status),
              Phrase{"It must allow CONNECT to {}. {} names it; wa-sync reaches hosts in no_proxy "
                     "without it.",
                     "Trebuie să permită CONNECT la {}. {} îl numește; la sistemele din no_proxy "
                     "wa-sync ajunge fără el."}
                  .with(url.authority(), proxy.variable));
}

// Asks the proxy for a tunnel to the server.
asio::awaitable<void> open_tunnel(tcp::socket& socket, const Proxy& proxy, const WebSocketUrl& url,
                                  TimePoint deadline) {
  const Deadline limit(socket.get_executor(), deadline, [&socket] {
    error_code ignored;
    socket.close(ignored);
  });
  const std::string server =
      (url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]") + ":" + url.port;
  http::request<http::empty_body> request(http::verb::connect, server, 11);
  request.set(http::field::host, server);
  if (!proxy.credentials.empty()) {
    request.set(http::field::proxy_authorization,
                "Basic " + base64_encode(as_bytes(proxy.credentials)));
  }
  error_code error;
  co_await http::async_write(socket, request, asio::redirect_error(asio::use_awaitable, error));
  http::response_parser<http::empty_body> answer;
  answer.skip(true);  // nothing follows the header but the tunnel
  beast::flat_buffer buffer(kMaxProxyAnswer);
  if (!error) {
    co_await http::async_read_header(socket, buffer, answer,
                                     asio::redirect_error(asio::use_awaitable, error));
  }
  if (limit.expired())
    timed_out(Phrase{"the proxy {}", "răspunsul proxy-ului {}"}.with(proxy.host));
  if (error)
    network_failure(
        Phrase{"the proxy {} did not open a tunnel", "proxy-ul {} nu a deschis un tunel"}.with(
            proxy.host),
        error);
  if (answer.get().result() != http::status::ok)
    proxy_refused(proxy, url, answer.get().result_int());
  // In a tunnel the client speaks first.
  if (buffer.size() > 0)
    throw Error(
        ErrorCode::kProtocol,
        Phrase{"the proxy {} sent unexpected data", "proxy-ul {} a trimis date neașteptate"}.with(
            proxy.host));
}

}  // namespace

void timed_out(const Words& what) {
  throw Error(ErrorCode::kTimeout, Phrase{"{} took too long", "{} a durat prea mult"}.with(what),
              Phrase{"Check the network connection; the server may also be overloaded.",
                     "Verifică rețeaua; și serverul poate fi supraîncărcat."});
}

void network_failure(const Words& what, const error_code& error) {
  throw Error(ErrorCode::kNetwork, Phrase{"{}: {}", "{}: {}"}.with(what, error.message()),
              Phrase{"Check the network connection, name resolution and firewall.",
                     "Verifică rețeaua, rezoluția numelor și firewall-ul."});
}

asio::awaitable<tcp::socket> dial_tcp(const WebSocketUrl& url, const Environment& environment,
                                      TimePoint deadline) {
  const auto proxy = proxy_for(url, environment);
  if (!proxy) {
    Target server{.host = url.host, .port = url.port, .loopback_only = !url.secure};
    co_return co_await connect_tcp(std::move(server), deadline);
  }
  log::debug("through the proxy {} port {}, named by {}", proxy->host, proxy->port,
             proxy->variable);
  Target target{
      .host = proxy->host, .port = proxy->port, .loopback_only = !url.secure, .is_proxy = true};
  tcp::socket socket = co_await connect_tcp(std::move(target), deadline);
  co_await open_tunnel(socket, *proxy, url, deadline);
  co_return std::move(socket);
}

}  // namespace wasync
