#include "wire/websocket.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/error.h"
#include "wire/certificate.h"
#include "wire/tcp_dial.h"
#include "wire/websocket_upgrade.h"
#include "wire/websocket_url.h"

namespace wasync {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;
using TimePoint = steady_clock::time_point;

constexpr std::string_view kOrigin = "https://web.whatsapp.com";
constexpr auto kGoodbyeLimit = std::chrono::seconds(1);
constexpr std::size_t kReadSize = 16 * 1024;
constexpr std::size_t kWriteBufferSize = 4 * 1024;  // what goes out is mostly small

template <class Stream>
class BeastSocket final : public WebSocket {
 public:
  template <class... Arguments>
  explicit BeastSocket(std::string peer, Arguments&&... arguments)
      : peer_(std::move(peer)), ws_(std::forward<Arguments>(arguments)...), piece_(kReadSize) {
    ws_.binary(true);
    ws_.auto_fragment(false);
    ws_.write_buffer_bytes(kWriteBufferSize);
    // Messages are consumed piecewise, so their length needs no limit; frames have one.
    ws_.read_message_max(0);
  }

  auto& stream() { return ws_; }
  const std::string& peer() const { return peer_; }

  asio::awaitable<Bytes> read() override {
    while (true) {
      error_code error;
      const std::size_t count = co_await ws_.async_read_some(
          asio::buffer(piece_), asio::redirect_error(asio::use_awaitable, error));
      if (error) fail(error);
      if (!ws_.got_binary()) {
        throw Error(ErrorCode::kProtocol, Phrase{"{} sent text where only binary data belongs",
                                                 "{} a trimis text unde au loc doar date binare"}
                                              .with(peer_));
      }
      if (count > 0) co_return to_bytes(BytesView(piece_).first(count));
    }
  }

  asio::awaitable<void> write(BytesView message) override {
    error_code error;
    co_await ws_.async_write(asio::buffer(message.data(), message.size()),
                             asio::redirect_error(asio::use_awaitable, error));
    if (error) fail(error);
  }

  asio::awaitable<void> close() override {
    const Deadline limit(ws_.get_executor(), steady_clock::now() + kGoodbyeLimit,
                         [this] { drop(); });
    if (ws_.is_open()) {
      error_code ignored;
      co_await ws_.async_close(websocket::close_code::normal,
                               asio::redirect_error(asio::use_awaitable, ignored));
    }
    drop();
  }

  void abort() noexcept override {
    error_code ignored;
    beast::get_lowest_layer(ws_).set_option(asio::socket_base::linger(true, 0), ignored);
    drop();
  }

 private:
  void drop() noexcept {
    error_code ignored;
    beast::get_lowest_layer(ws_).close(ignored);
  }

  [[noreturn]] void fail(const error_code& error) const {
    if (error == websocket::error::closed || error == asio::error::eof ||
        error == asio::ssl::error::stream_truncated) {
      throw Error(ErrorCode::kNetwork,
                  Phrase{"{} closed the connection", "{} a închis conexiunea"}.with(peer_));
    }
    if (error.category() == error_code(websocket::error::closed).category()) {
      throw Error(ErrorCode::kProtocol, Phrase{"{} broke the WebSocket protocol: {}",
                                               "{} a încălcat protocolul WebSocket: {}"}
                                            .with(peer_, error.message()));
    }
    network_failure(
        Phrase{"the connection to {} broke", "conexiunea la {} s-a întrerupt"}.with(peer_), error);
  }

  std::string peer_;
  websocket::stream<Stream, false> ws_;  // without permessage-deflate
  Bytes piece_;
};

asio::ssl::context tls_context(const std::string& ca_file) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  error_code error;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  context.set_default_verify_paths(error);
  context.set_verify_mode(asio::ssl::verify_peer);
  if (!ca_file.empty()) {
    context.load_verify_file(ca_file, error);
    if (error) {
      throw Error(
          ErrorCode::kConfig,
          Phrase{"cannot read TLS certificates from {}", "certificatele TLS din {} nu se pot citi"}
              .with(ca_file),
          Phrase{"The file must hold certificates in PEM form.",
                 "Fișierul trebuie să conțină certificate în format PEM."});
    }
  }
  return context;
}

// Which name or address the certificate must be for, and the name the server gets told (SNI).
void expect_host(SSL* tls, const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  const bool is_address = !error;
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(tls);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int done = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                              : X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  if (done != 1)
    throw Error(
        ErrorCode::kConfig,
        Phrase{"the server name {} is not usable", "numele de server {} nu este bun"}.with(host));
  // SSL_set_tlsext_host_name without the C-style cast of its macro.
  if (!is_address) {
    std::string name = host;
    SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
}

template <class Stream>
asio::awaitable<void> upgrade(BeastSocket<Stream>& socket, const WebSocketUrl& url,
                              TimePoint deadline) {
  auto& ws = socket.stream();
  ws.set_option(websocket::stream_base::decorator(
      [](websocket::request_type& request) { request.set(http::field::origin, kOrigin); }));
  const Deadline limit(ws.get_executor(), deadline, [&socket] { socket.abort(); });
  websocket::response_type response;
  const std::string authority = url.authority();
  error_code error;
  co_await ws.async_handshake(response, authority, url.target,
                              asio::redirect_error(asio::use_awaitable, error));
  if (limit.expired())
    timed_out(Phrase{"opening the WebSocket to {}", "deschiderea WebSocket la {}"}.with(url.host));
  if (error == websocket::error::upgrade_declined) {
    throw Error(ErrorCode::kServerRefused,
                Phrase{"{} refused the WebSocket with HTTP status {}",
                       "{} a refuzat WebSocket-ul cu starea HTTP {}"}
                    .with(url.host, response.result_int()),
                Phrase{"A proxy or firewall may be in the way, or the server address is wrong.",
                       "Un proxy sau un firewall poate sta în cale sau adresa serverului este "
                       "greșită."});
  }
  if (error)
    network_failure(
        Phrase{"cannot open the WebSocket to {}", "WebSocket-ul la {} nu se poate deschide"}.with(
            url.host),
        error);
}

using PlainSocket = BeastSocket<tcp::socket>;
using TlsSocket = BeastSocket<beast::ssl_stream<tcp::socket>>;

[[noreturn]] void not_trusted(const std::string& host, long verdict) {
  const bool time =
      verdict == X509_V_ERR_CERT_NOT_YET_VALID || verdict == X509_V_ERR_CERT_HAS_EXPIRED;
  throw Error(ErrorCode::kServerUntrusted,
              Phrase{"the TLS certificate of {} is not trusted: {}",
                     "certificatul TLS pentru {} nu este de încredere: {}"}
                  .with(host, X509_verify_cert_error_string(verdict)),
              time ? clock_hint(UnixSeconds::now())
                   : Phrase{"A proxy may intercept the connection, the system's CA certificates "
                            "may be missing or old, or the clock may be wrong.",
                            "Un proxy poate intercepta conexiunea, certificatele CA ale sistemului "
                            "pot lipsi sau fi vechi, ori ceasul poate fi greșit."});
}

asio::awaitable<void> tls_handshake(TlsSocket& socket, const std::string& host,
                                    TimePoint deadline) {
  auto& tls = socket.stream().next_layer();
  expect_host(tls.native_handle(), host);
  const Deadline limit(tls.get_executor(), deadline, [&socket] { socket.abort(); });
  error_code error;
  co_await tls.async_handshake(asio::ssl::stream_base::client,
                               asio::redirect_error(asio::use_awaitable, error));
  if (limit.expired())
    timed_out(Phrase{"securing the connection to {}", "securizarea conexiunii la {}"}.with(host));
  if (!error) co_return;
  const long verdict = SSL_get_verify_result(tls.native_handle());
  if (verdict != X509_V_OK) not_trusted(host, verdict);
  network_failure(
      Phrase{"cannot secure the connection to {}", "conexiunea la {} nu se poate securiza"}.with(
          host),
      error);
}

}  // namespace

asio::awaitable<std::unique_ptr<WebSocket>> dial_websocket(std::string url_text,
                                                           DialOptions options,
                                                           TimePoint deadline) {
  const WebSocketUrl url = parse_websocket_url(url_text);
  if (!url.secure) {
    auto plain = std::make_unique<PlainSocket>(
        url.host, co_await dial_tcp(url, options.environment, deadline));
    co_await upgrade(*plain, url, deadline);
    co_return plain;
  }
  asio::ssl::context context = tls_context(options.ca_file);
  tcp::socket tcp = co_await dial_tcp(url, options.environment, deadline);
  auto secure = std::make_unique<TlsSocket>(url.host, std::move(tcp), context);
  co_await tls_handshake(*secure, url.host, deadline);
  co_await upgrade(*secure, url, deadline);
  co_return secure;
}

namespace {

[[noreturn]] void upgrade_failed(const Deadline& limit, const error_code& error) {
  if (limit.expired()) timed_out("the client's WebSocket upgrade");
  if (error.category() == error_code(websocket::error::closed).category()) {
    throw Error(ErrorCode::kProtocol, "the client's WebSocket upgrade: " + error.message());
  }
  network_failure("the client's WebSocket upgrade", error);
}

}  // namespace

asio::awaitable<std::unique_ptr<WebSocket>> accept_websocket(TcpSocket tcp, TimePoint deadline) {
  auto socket = std::make_unique<PlainSocket>("the client", std::move(tcp));
  const Deadline limit(socket->stream().get_executor(), deadline, [&ws = *socket] { ws.abort(); });
  error_code error;
  co_await socket->stream().async_accept(asio::redirect_error(asio::use_awaitable, error));
  if (error) upgrade_failed(limit, error);
  co_return socket;
}

asio::awaitable<std::unique_ptr<WebSocket>> accept_websocket(
    TcpSocket tcp, http::request<http::string_body> request, TimePoint deadline) {
  auto socket = std::make_unique<PlainSocket>("the client", std::move(tcp));
  const Deadline limit(socket->stream().get_executor(), deadline, [&ws = *socket] { ws.abort(); });
  error_code error;
  co_await socket->stream().async_accept(request, asio::redirect_error(asio::use_awaitable, error));
  if (error) upgrade_failed(limit, error);
  co_return socket;
}

}  // namespace wasync
