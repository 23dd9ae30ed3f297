#include "wire/websocket.h"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/bytes.h"
#include "loopback.h"
#include "unit/tls_authority.h"
#include "wire/connection.h"
#include "wire/websocket_upgrade.h"

namespace websocket_test {

using namespace wasync;
using namespace wasync::testing;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::use_awaitable;
using asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

auto soon() {
  return std::chrono::steady_clock::now() + 20s;
}

// What a TLS server got to know about its client.
struct Visit {
  std::string server_name;
  std::string host;
  std::string origin;
  std::string target;
  std::string extensions;
};

// A TLS WebSocket server for one client, which repeats the first message.
asio::awaitable<Visit> echo_over_tls(Listener& listener, asio::ssl::context& context) {
  tcp::socket plain = co_await listener.acceptor.async_accept(use_awaitable);
  websocket::stream<asio::ssl::stream<tcp::socket>> ws(std::move(plain), context);
  co_await ws.next_layer().async_handshake(asio::ssl::stream_base::server, use_awaitable);
  Visit visit;
  if (const char* name =
          SSL_get_servername(ws.next_layer().native_handle(), TLSEXT_NAMETYPE_host_name)) {
    visit.server_name = name;
  }
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  co_await http::async_read(ws.next_layer(), buffer, request, use_awaitable);
  visit.host = request[http::field::host];
  visit.origin = request[http::field::origin];
  visit.target = request.target();
  visit.extensions = request[http::field::sec_websocket_extensions];
  co_await ws.async_accept(request, use_awaitable);
  buffer.clear();
  co_await ws.async_read(buffer, use_awaitable);
  ws.binary(true);
  co_await ws.async_write(buffer.data(), use_awaitable);
  co_return visit;
}

// A server that answers every request with fixed bytes, or only listens.
asio::awaitable<void> answer_with(Listener& listener, std::string answer) {
  tcp::socket socket = co_await listener.acceptor.async_accept(use_awaitable);
  asio::streambuf request;
  co_await asio::async_read_until(socket, request, "\r\n\r\n", use_awaitable);
  co_await asio::async_write(socket, asio::buffer(answer), use_awaitable);
}

struct Tls {
  explicit Tls(const std::string& names, long valid_s = 3600) : authority(names, valid_s) {}
  Loop loop;
  Listener listener{loop.io};
  TlsAuthority authority;
  asio::ssl::context context = authority.server_context();
  std::shared_ptr<Outcome<Visit>> serving = loop.spawn(echo_over_tls(listener, context));

  std::unique_ptr<WebSocket> dial(const std::string& host, const std::string& ca_file) {
    const DialOptions options{ca_file};
    return loop.run(
        dial_websocket("wss://" + host + ":" + listener.port() + "/ws/chat", options, soon()));
  }
};

}  // namespace

TEST_CASE("a TLS server with a certificate nobody vouches for is refused") {
  Tls tls("IP:127.0.0.1");
  CHECK(code_of([&] { tls.dial("127.0.0.1", ""); }) == ErrorCode::kServerUntrusted);
  // It never saw a request.
  CHECK_THROWS(tls.loop.finish(tls.serving));
}

TEST_CASE("a TLS server is accepted when its authority is trusted") {
  Tls tls("IP:127.0.0.1");
  const auto socket = tls.dial("127.0.0.1", tls.authority.file());
  const Bytes message{1, 2, 3};
  tls.loop.run(socket->write(message));
  CHECK(tls.loop.run(socket->read()) == message);
  const Visit visit = tls.loop.finish(tls.serving);
  CHECK(visit.origin == "https://web.whatsapp.com");
  CHECK(visit.host == "127.0.0.1:" + tls.listener.port());
  CHECK(visit.target == "/ws/chat");
  CHECK(visit.extensions == "");
  CHECK(visit.server_name == "");  // addresses are not names
}

TEST_CASE("a server is told by which name it was called") {
  Tls tls("DNS:localhost");
  const auto socket = tls.dial("localhost", tls.authority.file());
  tls.loop.run(socket->write(Bytes{1}));
  CHECK(tls.loop.finish(tls.serving).server_name == "localhost");
}

TEST_CASE("a trusted certificate is good for its own names and time only") {
  SUBCASE("another address") {
    Tls tls("DNS:localhost,IP:127.0.0.2");
    CHECK(code_of([&] { tls.dial("127.0.0.1", tls.authority.file()); }) ==
          ErrorCode::kServerUntrusted);
  }
  SUBCASE("another name") {
    Tls tls("DNS:example.com,IP:127.0.0.1");
    CHECK(code_of([&] { tls.dial("localhost", tls.authority.file()); }) ==
          ErrorCode::kServerUntrusted);
  }
  SUBCASE("expired") {
    Tls tls("IP:127.0.0.1", -60);
    CHECK(code_of([&] { tls.dial("127.0.0.1", tls.authority.file()); }) ==
          ErrorCode::kServerUntrusted);
  }
  SUBCASE("vouched for by another authority") {
    Tls tls("IP:127.0.0.1");
    const TlsAuthority other("IP:127.0.0.1");
    CHECK(code_of([&] { tls.dial("127.0.0.1", other.file()); }) == ErrorCode::kServerUntrusted);
  }
}

TEST_CASE("a file without certificates is a configuration error") {
  Tls tls("IP:127.0.0.1");
  CHECK(code_of([&] { tls.dial("127.0.0.1", "/nonexistent/ca.pem"); }) == ErrorCode::kConfig);
}

TEST_CASE("a refused upgrade is reported with its HTTP status") {
  Loop loop;
  Listener listener(loop.io);
  auto serving =
      loop.spawn(answer_with(listener, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  try {
    loop.run(dial_websocket(listener.url(), {}, soon()));
    FAIL_CHECK("connected");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kServerRefused);
    CHECK(std::string(error.what()).find("403") != std::string::npos);
  }
}

TEST_CASE("an answer that is no HTTP is a network error that names the host") {
  Loop loop;
  Listener listener(loop.io);
  auto serving = loop.spawn(answer_with(listener, "SSH-2.0-OpenSSH\r\n\r\n"));
  try {
    loop.run(dial_websocket(listener.url(), {}, soon()));
    FAIL_CHECK("connected");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNetwork);
    CHECK(std::string(error.what()).find("127.0.0.1") != std::string::npos);
    CHECK_FALSE(error.hint().empty());
  }
}

TEST_CASE("a port where nobody listens is a network error that names the host") {
  Loop loop;
  std::string url;
  {
    const Listener gone(loop.io);
    url = gone.url();
  }
  try {
    loop.run(dial_websocket(url, {}, soon()));
    FAIL_CHECK("connected");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNetwork);
    CHECK(std::string(error.what()).find("127.0.0.1") != std::string::npos);
  }
}

TEST_CASE("a server that stays silent runs into the deadline, with and without TLS") {
  Loop loop;
  const Listener silent(loop.io);  // the kernel completes TCP, nobody answers
  for (const char* scheme : {"ws", "wss"}) {
    const auto deadline = std::chrono::steady_clock::now() + 50ms;
    CHECK(code_of([&] { loop.run(dial_websocket(silent.url(scheme), {}, deadline)); }) ==
          ErrorCode::kTimeout);
  }
}

TEST_CASE("text messages are refused") {
  Loop loop;
  Listener listener(loop.io);
  const auto talk = [&]() -> asio::awaitable<void> {
    tcp::socket socket = co_await listener.acceptor.async_accept(use_awaitable);
    websocket::stream<tcp::socket> ws(std::move(socket));
    co_await ws.async_accept(use_awaitable);
    ws.text(true);
    const std::string text = "hello";
    co_await ws.async_write(asio::buffer(text), use_awaitable);
    beast::flat_buffer buffer;
    co_await ws.async_read(buffer, use_awaitable);
  };
  auto serving = loop.spawn(talk());
  const auto socket = loop.run(dial_websocket(listener.url(), {}, soon()));
  CHECK(code_of([&] { loop.run(socket->read()); }) == ErrorCode::kProtocol);
}

TEST_CASE("a server accepts an upgrade request that was read already") {
  Loop loop;
  Listener listener(loop.io);
  const auto serve = [&]() -> asio::awaitable<std::unique_ptr<WebSocket>> {
    tcp::socket socket = co_await listener.acceptor.async_accept(use_awaitable);
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, use_awaitable);
    co_return co_await accept_websocket(std::move(socket), std::move(request), soon());
  };
  auto serving = loop.spawn(serve());
  const auto client = loop.run(dial_websocket(listener.url(), {}, soon()));
  const auto server = loop.finish(serving);
  loop.run(client->write(Bytes{5}));
  CHECK(loop.run(server->read()) == Bytes{5});
}

TEST_CASE("routing information travels in the address and ahead of the intro") {
  Loop loop;
  Listener listener(loop.io);
  std::string target;
  const auto serve = [&]() -> asio::awaitable<Bytes> {
    tcp::socket socket = co_await listener.acceptor.async_accept(use_awaitable);
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, use_awaitable);
    target = request.target();
    const auto ws = co_await accept_websocket(std::move(socket), std::move(request), soon());
    co_return co_await ws->read();
  };
  auto serving = loop.spawn(serve());
  const Endpoint endpoint{.url = listener.url(), .routing_info = {1, 2, 3, 250}};
  auto dialling = loop.spawn(Connection::connect(endpoint, KeyPair::generate(), {}, 20s));
  const Bytes first = loop.finish(serving);
  CHECK(target == "/ws/chat?ED=AQID-g");
  CHECK(hex_encode(first).starts_with("45440001000004010203fa57410603"));
  CHECK(code_of([&] { loop.finish(dialling); }) == ErrorCode::kNetwork);
}

TEST_CASE("a request that is no upgrade is refused") {
  Loop loop;
  Listener listener(loop.io);
  const auto serve = [&]() -> asio::awaitable<std::unique_ptr<WebSocket>> {
    tcp::socket socket = co_await listener.acceptor.async_accept(use_awaitable);
    co_return co_await accept_websocket(std::move(socket), soon());
  };
  const auto ask = [&]() -> asio::awaitable<std::string> {
    tcp::socket socket(loop.io);
    co_await socket.async_connect(listener.acceptor.local_endpoint(), use_awaitable);
    const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    std::string answer;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n", use_awaitable);
    co_return answer;
  };
  auto serving = loop.spawn(serve());
  CHECK(loop.run(ask()).starts_with("HTTP/1.1 400"));
  CHECK(code_of([&] { loop.finish(serving); }) == ErrorCode::kProtocol);
}

namespace {

// A proxy for one client: keeps what it was asked, answers, and passes the rest on.
asio::awaitable<std::string> tunnel(Listener& proxy, Listener& server, std::string answer) {
  tcp::socket client = co_await proxy.acceptor.async_accept(use_awaitable);
  std::string request;
  co_await asio::async_read_until(client, asio::dynamic_buffer(request), "\r\n\r\n", use_awaitable);
  co_await asio::async_write(client, asio::buffer(answer), use_awaitable);
  if (answer.find(" 200 ") == std::string::npos) co_return request;
  tcp::socket upstream(co_await asio::this_coro::executor);
  co_await upstream.async_connect(server.acceptor.local_endpoint(), use_awaitable);
  const auto pass = [](tcp::socket& from, tcp::socket& to) -> asio::awaitable<void> {
    std::array<char, 4096> piece{};
    boost::system::error_code error;
    while (!error) {
      const std::size_t count = co_await from.async_read_some(
          asio::buffer(piece), asio::redirect_error(use_awaitable, error));
      if (!error)
        co_await asio::async_write(to, asio::buffer(piece, count),
                                   asio::redirect_error(use_awaitable, error));
    }
    to.close(error);
  };
  bool over = false;
  asio::co_spawn(upstream.get_executor(), pass(upstream, client),
                 [&over](std::exception_ptr) { over = true; });
  co_await pass(client, upstream);
  while (!over) co_await asio::post(upstream.get_executor(), use_awaitable);
  co_return request;
}

DialOptions through(const Listener& proxy, const std::string& credentials = {}) {
  const std::string address = "http://" + credentials + "127.0.0.1:" + proxy.port();
  return {.environment = [address](const char* name) -> std::optional<std::string> {
    if (std::string_view(name) == "all_proxy") return address;
    return std::nullopt;
  }};
}

}  // namespace

TEST_CASE("through a proxy: CONNECT with credentials, then TLS end to end with the server") {
  Tls tls("DNS:localhost");
  Listener proxy(tls.loop.io);
  DialOptions options = through(proxy, "me:se%3Acret@");
  options.ca_file = tls.authority.file();
  const auto asked =
      tls.loop.spawn(tunnel(proxy, tls.listener, "HTTP/1.1 200 Connection established\r\n\r\n"));
  auto socket = tls.loop.run(
      dial_websocket("wss://localhost:" + tls.listener.port() + "/ws/chat", options, soon()));
  const Bytes message = to_bytes("hello");
  tls.loop.run(socket->write(message));
  CHECK(tls.loop.run(socket->read()) == message);
  tls.loop.run(socket->close());
  CHECK(tls.loop.finish(tls.serving).server_name == "localhost");
  const std::string request = tls.loop.finish(asked);
  const std::string server = "localhost:" + tls.listener.port();
  CHECK(request.starts_with("CONNECT " + server + " HTTP/1.1\r\n"));
  CHECK(request.find("Host: " + server + "\r\n") != std::string::npos);
  CHECK(request.find("Proxy-Authorization: Basic " + base64_encode(to_bytes("me:se:cret"))) !=
        std::string::npos);
}

TEST_CASE("a proxy that opens no tunnel is told apart from the server") {
  Loop loop;
  Listener proxy(loop.io);
  Listener server(loop.io);
  const auto check = [&](const std::string& answer, const std::string& credentials, ErrorCode code,
                         const std::string& says) {
    CAPTURE(answer);
    const auto asked = loop.spawn(tunnel(proxy, server, answer));
    try {
      loop.run(dial_websocket(server.url(), through(proxy, credentials), soon()));
      FAIL_CHECK("it connected");
    } catch (const Error& error) {
      CHECK(error.code() == code);
      CHECK(std::string(error.what()).find(says) != std::string::npos);
      CHECK((error.what() + error.hint()).find("hush") == std::string::npos);
    }
    loop.run_until([&] { return asked->done; });
  };
  check("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nsorry", "",
        ErrorCode::kNetwork, "wants a user name");
  check("HTTP/1.1 407 No\r\n\r\n", "me:hush@", ErrorCode::kNetwork, "refuses the user name");
  check("HTTP/1.1 403 Forbidden\r\n\r\n", "", ErrorCode::kNetwork, "(403)");
  check("SSH-2.0-OpenSSH_9.2\r\n\r\n", "", ErrorCode::kNetwork, "did not open a tunnel");
  check("HTTP/1.1 502 Bad\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", "", ErrorCode::kNetwork,
        "did not open a tunnel");
}

TEST_CASE("a proxy that says nothing does not keep us waiting") {
  Loop loop;
  Listener proxy(loop.io);
  const auto limit = std::chrono::steady_clock::now() + 200ms;
  CHECK(code_of([&] { loop.run(dial_websocket(proxy.url(), through(proxy), limit)); }) ==
        ErrorCode::kTimeout);
}

TEST_CASE("an expired certificate points to the clock, and says what it shows") {
  Tls tls("DNS:localhost", -60);
  try {
    tls.dial("localhost", tls.authority.file());
    FAIL_CHECK("it connected");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kServerUntrusted);
    CHECK(error.hint().find("clock of this machine: it says 20") != std::string::npos);
  }
}

}  // namespace websocket_test
