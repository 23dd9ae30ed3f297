#include "service/http_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <string>

#include "base/deadline.h"
#include "base/log.h"
#include "base/text.h"

namespace wasync {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using boost::system::error_code;

namespace {

// A refused client may still be sending; closing with data unread would take our answer with it.
constexpr std::size_t kMostLingered = 512 << 10;

HttpAsk ask_of(http::request<http::string_body>&& request, const asio::ip::address& peer) {
  HttpAsk ask{.method = std::string(request.method_string()),
              .target = std::string(request.target()),
              .peer = peer};
  for (const auto& field : request) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    ask.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  ask.body = std::move(request.body());
  return ask;
}

// What to tell a client whose request could not be read; nothing when nobody would hear it.
std::optional<HttpReply> refusal(const error_code& error) {
  if (error == http::error::body_limit)
    return error_reply(413, "body_too_large", "the body is larger than is allowed");
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return error_reply(431, "headers_too_large", "the headers are larger than is allowed");
  const bool nobody = error == http::error::end_of_stream || error == http::error::partial_message;
  if (error.category() == http::make_error_code(http::error::bad_method).category() && !nobody)
    return error_reply(400, "bad_request", "that is no HTTP request");
  return std::nullopt;
}

// What the head alone has wrong. RFC 9112, 6.1: where a body of an unknown coding ends, nobody
// knows. 3.2: which site is asked must be said, and said once.
std::optional<HttpReply> fault_in(const http::request<http::string_body>& request) {
  const auto codings = request.count(http::field::transfer_encoding);
  const bool known =
      codings == 1 && boost::beast::iequals(request[http::field::transfer_encoding], "chunked");
  if (codings > 0 && !known)
    return error_reply(501, "not_implemented", "the one Transfer-Encoding known here is chunked");
  if (request.version() < 11 || request.count(http::field::host) == 1) return std::nullopt;
  return error_reply(400, "bad_request", "there must be one Host header");
}

// RFC 9110, 10.1.1: a client that waits for leave to send its body.
asio::awaitable<void> allow_body(asio::ip::tcp::socket& socket) {
  http::response<http::empty_body> leave(http::status::continue_, 11);
  co_await http::async_write(socket, leave, use_awaitable);
}

std::chrono::steady_clock::time_point after(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, HttpService& service)
    : socket_(std::move(socket)),
      service_(service),
      buffer_(service.options.header_bytes + service.options.body_bytes) {
  error_code gone;
  peer_ = socket_.remote_endpoint(gone).address();
  socket_.set_option(asio::ip::tcp::no_delay(true), gone);
}

void HttpConnection::close() {
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> HttpConnection::serve() {
  bool more = true;
  while (more) more = co_await serve_one();
  close();
}

asio::awaitable<void> HttpConnection::turn_away() {
  HttpReply reply = error_reply(503, "busy", "too many connections");
  reply.headers.emplace_back("Retry-After", "1");
  co_await write(std::move(reply), false, false);
  co_await drain();
}

// Whether another request may follow.
asio::awaitable<bool> HttpConnection::serve_one() {
  if (!co_await wait_for_request()) co_return false;
  idle_ = false;
  Parser parser;
  parser.header_limit(service_.options.header_bytes);
  parser.body_limit(service_.options.body_bytes);
  if (auto refused = co_await read(parser)) {
    co_await write(std::move(*refused), false, false);
    co_await drain();
    co_return false;
  }
  const bool keep_alive = parser.get().keep_alive();
  const HttpAsk ask = ask_of(parser.release(), peer_);
  HttpReply reply = co_await reply_to(ask);
  const bool more = keep_alive && !service_.stopping;
  co_await write(std::move(reply), ask.method == "HEAD", more);
  idle_ = true;
  co_return more;
}

// False when the client has left, or idled too long.
asio::awaitable<bool> HttpConnection::wait_for_request() {
  if (service_.stopping) co_return false;
  if (buffer_.size() > 0) co_return true;
  const Deadline deadline(socket_.get_executor(), after(service_.options.idle),
                          [this] { close(); });
  error_code error;
  co_await socket_.async_wait(asio::ip::tcp::socket::wait_read,
                              asio::redirect_error(use_awaitable, error));
  co_return !error && socket_.is_open();
}

asio::awaitable<std::optional<HttpReply>> HttpConnection::read(Parser& parser) {
  error_code error;
  {
    const Deadline deadline(socket_.get_executor(), after(service_.options.header),
                            [this] { close(); });
    co_await http::async_read_header(socket_, buffer_, parser,
                                     asio::redirect_error(use_awaitable, error));
  }
  const Deadline deadline(socket_.get_executor(), after(service_.options.body),
                          [this] { close(); });
  if (!error) {
    if (auto fault = fault_in(parser.get())) co_return fault;
  }
  if (!error && !parser.is_done()) {
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue"))
      co_await allow_body(socket_);
    co_await http::async_read(socket_, buffer_, parser, asio::redirect_error(use_awaitable, error));
  }
  if (!error) co_return std::nullopt;
  auto refused = refusal(error);
  if (!refused) throw boost::system::system_error(error);
  co_return refused;
}

asio::awaitable<HttpReply> HttpConnection::reply_to(const HttpAsk& ask) {
  if (const auto wait = service_.rate.take(peer_, std::chrono::steady_clock::now())) {
    HttpReply reply = error_reply(429, "too_many_requests", "this address asks too often");
    reply.headers.emplace_back("Retry-After", std::to_string(wait->count()));
    co_return reply;
  }
  try {
    co_return co_await service_.handler(ask);
  } catch (const std::exception& error) {
    log::error("the HTTP API could not answer: {}", terminal_safe(error.what()));
  }
  co_return error_reply(500, "internal_error", "that did not work; the log says why");
}

asio::awaitable<void> HttpConnection::write(HttpReply reply, bool head_only, bool keep_alive) {
  ++service_.answers[reply.status];
  http::response<http::string_body> response(static_cast<http::status>(reply.status), 11);
  response.set(http::field::content_type, reply.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  response.keep_alive(keep_alive);
  response.content_length(reply.body.size());
  if (!head_only) response.body() = std::move(reply.body);
  const Deadline deadline(socket_.get_executor(), after(service_.options.write),
                          [this] { close(); });
  co_await http::async_write(socket_, response, use_awaitable);
}

asio::awaitable<void> HttpConnection::drain() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  const Deadline deadline(socket_.get_executor(), after(service_.options.linger),
                          [this] { close(); });
  std::array<char, 4096> ignored{};
  for (std::size_t got = 0; !error && got < kMostLingered;) {
    got += co_await socket_.async_read_some(asio::buffer(ignored),
                                            asio::redirect_error(use_awaitable, error));
  }
}

}  // namespace wasync
