#include "service/http_server.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/error.h"
#include "service/http_address.h"
#include "unit/service/http_client.h"

namespace http_server_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// Enough for tests that ask a lot, and quick to lose patience.
HttpServerOptions options() {
  return {.idle = 20s,
          .header = 300ms,
          .body = 300ms,
          .write = 300ms,
          .linger = 200ms,
          .stop = 300ms,
          .rate = {.per_second = 1e6, .burst = 1e6}};
}

// Of slow handlers, so that a test knows when one has begun.
std::atomic<int> begun = 0;

// What is asked comes back as text; some paths misbehave.
asio::awaitable<HttpReply> echo(const HttpAsk& ask) {
  if (ask.target == "/throw") throw std::runtime_error("secret /home/path");
  if (ask.target == "/slow") {
    ++begun;
    asio::steady_timer timer(co_await asio::this_coro::executor, 200ms);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (ask.target == "/forever") {
    ++begun;
    asio::steady_timer timer(co_await asio::this_coro::executor, 600ms);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (ask.target == "/large") co_return HttpReply{.body = std::string(64 << 20, 'x')};
  co_return HttpReply{.content_type = "text/plain",
                      .body = ask.method + " " + ask.target + " " + ask.body,
                      .headers = {{"X-Peer", ask.peer.to_string()}}};
}

class Served {
 public:
  explicit Served(HttpServerOptions with = options())
      : server_(io_.get_executor(), parse_listen_address("127.0.0.1:0"), &echo, with),
        port_(server_.address().port()),
        work_(io_.get_executor()),
        thread_([this] { io_.run(); }) {
    asio::post(io_, [this] { server_.start(); });
  }
  ~Served() {
    stop();
    work_.reset();
    thread_.join();
  }
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    asio::co_spawn(io_, server_.stop(), asio::use_future).get();
  }
  std::uint16_t port() const { return port_; }
  std::size_t connections() {
    return asio::post(io_, asio::use_future([this] { return server_.connections(); })).get();
  }
  std::uint64_t answers(unsigned status) {
    return asio::post(io_, asio::use_future([this, status] {
                        const auto& all = server_.answers();
                        return all.contains(status) ? all.at(status) : 0;
                      }))
        .get();
  }

 private:
  asio::io_context io_;
  HttpServer server_;
  std::uint16_t port_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  bool stopped_ = false;
  std::thread thread_;
};

template <class Condition>
void wait_until(Condition condition) {
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (!condition() && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(5ms);
  REQUIRE(condition());
}

std::string post_request(std::size_t size, std::string_view headers = {}) {
  return "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n" +
         std::string(headers) + "\r\n";
}

}  // namespace

TEST_CASE("a connection serves one request after the other") {
  Served served;
  HttpClientSocket client(served.port());
  const std::string first = client.ask(get_request("/one?a=b"));
  CHECK(status_of(first) == 200);
  CHECK(body_of_answer(first) == "GET /one?a=b ");
  CHECK(has_header(first, "X-Peer: 127.0.0.1"));
  CHECK(has_header(first, "Cache-Control: no-store"));
  CHECK(body_of_answer(client.ask(post_request(5) + "hello")) == "POST /x hello");
  const std::string last = client.ask(get_request("/two", "Connection: close\r\n"));
  CHECK(has_header(last, "Connection: close"));
  CHECK(client.hung_up());
}

TEST_CASE("HEAD is the head of what GET would be") {
  Served served;
  HttpClientSocket client(served.port());
  client.send("HEAD /one HTTP/1.1\r\nHost: h\r\n\r\n" + get_request("/two"));
  const std::string head = client.answer(true);
  CHECK(has_header(head, "Content-Length: 10"));
  const std::string next = client.answer();
  CHECK(status_of(next) == 200);  // nothing stands before it
  CHECK(body_of_answer(next) == "GET /two ");
}

TEST_CASE("HTTP/1.0 is served and hung up on") {
  Served served;
  HttpClientSocket client(served.port());
  CHECK(status_of(client.ask("GET /x HTTP/1.0\r\n\r\n")) == 200);
  CHECK(client.hung_up());
}

TEST_CASE("requests sent together are answered in order") {
  Served served;
  HttpClientSocket client(served.port());
  client.send(get_request("/slow") + post_request(2) + "hi" + get_request("/3"));
  CHECK(body_of_answer(client.answer()) == "GET /slow ");
  CHECK(body_of_answer(client.answer()) == "POST /x hi");
  CHECK(body_of_answer(client.answer()) == "GET /3 ");
}

TEST_CASE("a client that has ended its side still gets its answer") {
  Served served;
  HttpClientSocket client(served.port());
  client.send(get_request("/slow"));
  client.half_close();
  CHECK(body_of_answer(client.answer()) == "GET /slow ");
  CHECK(client.hung_up());
}

TEST_CASE("a body that is announced too large, or becomes it, is refused") {
  Served served;
  {
    HttpClientSocket client(served.port());
    const std::string answer = client.ask(post_request((64 << 10) + 1));
    CHECK(status_of(answer) == 413);
    CHECK(body_of_answer(answer).find("\"body_too_large\"") != std::string::npos);
    CHECK(client.hung_up());
  }
  HttpClientSocket whole(served.port());
  CHECK(status_of(whole.ask(post_request(64 << 10) + std::string(64 << 10, 'x'))) == 200);
  HttpClientSocket chunked(served.port());
  chunked.send("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.send("1000\r\n" + std::string(4096, 'x') + "\r\n");
  CHECK(status_of(chunked.answer()) == 413);
}

TEST_CASE("a body of an unknown coding is not taken for none") {
  Served served;
  for (const char* coding :
       {"gzip", "gzip, chunked", "identity", "xchunked", "chunked, chunked", ""}) {
    HttpClientSocket client(served.port());
    const std::string answer = client.ask(
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + std::string(coding) + "\r\n\r\n");
    CHECK_MESSAGE((status_of(answer) == 501 || status_of(answer) == 400), coding);
    CHECK(client.hung_up());
  }
  HttpClientSocket gzip(served.port());
  CHECK(status_of(gzip.ask("GET /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n")) ==
        501);
  HttpClientSocket known(served.port());
  CHECK(body_of_answer(known.ask("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
                                 "2\r\nhi\r\n0\r\n\r\n")) == "POST /x hi");
}

TEST_CASE("all of a large body can be on its way and the refusal still arrives") {
  Served served;
  HttpClientSocket client(served.port());
  client.send(post_request(300'000) + std::string(300'000, 'x'));
  CHECK(status_of(client.answer()) == 413);
}

TEST_CASE("a client that waits for leave to send its body gets it, or the refusal") {
  Served served;
  HttpClientSocket client(served.port());
  client.send(post_request(5, "Expect: 100-continue\r\n"));
  CHECK(status_of(client.answer(true)) == 100);
  CHECK(body_of_answer(client.ask("hello")) == "POST /x hello");
  CHECK(status_of(client.ask(post_request(1 << 20, "Expect: 100-continue\r\n"))) == 413);
}

TEST_CASE("headers are bounded") {
  Served served;
  HttpClientSocket one(served.port());
  CHECK(status_of(one.ask(get_request("/x", "A: " + std::string(20'000, 'a') + "\r\n"))) == 431);
  HttpClientSocket line(served.port());
  CHECK(status_of(line.ask(get_request("/" + std::string(20'000, 'a')))) == 431);
  HttpClientSocket many(served.port());
  std::string headers;
  for (int i = 0; i < 3000; ++i) headers += "A: bcde\r\n";
  CHECK(status_of(many.ask(get_request("/x", headers))) == 431);
  HttpClientSocket good(served.port());
  CHECK(status_of(good.ask(get_request("/x", "A: " + std::string(15'000, 'a') + "\r\n"))) == 200);
}

TEST_CASE("a request names its site once") {
  Served served;
  for (const char* request :
       {"GET /x HTTP/1.1\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}) {
    HttpClientSocket client(served.port());
    CHECK(status_of(client.ask(request)) == 400);
    CHECK(client.hung_up());
  }
}

TEST_CASE("what is no HTTP is refused") {
  Served served;
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello of TLS\r\n\r\n", 28),
        std::string("hello\r\n\r\n"), std::string("GET  HTTP/1.1\r\n\r\n"),
        std::string("GET /x HTTP/9.9\r\n\r\n"), std::string("GET /x HTTP/1.1\r\nNo colon\r\n\r\n"),
        std::string("POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
        std::string("POST /x HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0"
                    "\r\n\r\n")}) {
    HttpClientSocket client(served.port());
    const std::string answer = client.ask(garbage);
    CHECK(status_of(answer) == 400);
    CHECK(body_of_answer(answer).find("\"success\":false") != std::string::npos);
    CHECK(client.hung_up());
  }
}

TEST_CASE("who dawdles over headers or body is dropped, who only waits is not") {
  Served served;
  HttpClientSocket idle(served.port());
  HttpClientSocket head(served.port());
  HttpClientSocket drips(served.port());
  HttpClientSocket body(served.port());
  head.send("GET /x HTTP/1.1\r\nHost:");
  body.send(post_request(100) + "some");
  drips.send("GET /x HTTP/1.1\r\n");
  bool dropped = false;  // each drop is in time, all of them are not
  for (int i = 0; i < 100 && !dropped; ++i) {
    dropped = !drips.send("A: b\r\n");
    std::this_thread::sleep_for(20ms);
  }
  CHECK(dropped);
  CHECK(head.hung_up());
  CHECK(body.hung_up());
  CHECK(status_of(idle.ask(get_request("/x"))) == 200);
}

TEST_CASE("who does not take the answer is dropped") {
  Served served;
  HttpClientSocket client(served.port());
  client.send(get_request("/large"));
  wait_until([&] { return served.answers(200) == 1; });
  wait_until([&] { return served.connections() == 0; });
  CHECK(served.connections() == 0);
}

TEST_CASE("an idle client is dropped at last") {
  auto with = options();
  with.idle = 100ms;
  Served served(with);
  HttpClientSocket client(served.port());
  CHECK(client.hung_up());
  HttpClientSocket used(served.port());
  CHECK(status_of(used.ask(get_request("/x"))) == 200);
  CHECK(used.hung_up());
}

TEST_CASE("a handler that throws is a 500 without details, and the connection goes on") {
  Served served;
  HttpClientSocket client(served.port());
  const std::string answer = client.ask(get_request("/throw"));
  CHECK(status_of(answer) == 500);
  CHECK(answer.find("secret") == std::string::npos);
  CHECK(answer.find("/home") == std::string::npos);
  CHECK(status_of(client.ask(get_request("/x"))) == 200);
}

TEST_CASE("who asks too often is told to wait") {
  auto with = options();
  with.rate = {.per_second = 0.01, .burst = 3};
  Served served(with);
  HttpClientSocket client(served.port());
  for (int i = 0; i < 3; ++i) CHECK(status_of(client.ask(get_request("/x"))) == 200);
  HttpClientSocket again(served.port());
  const std::string answer = again.ask(get_request("/x"));
  CHECK(status_of(answer) == 429);
  CHECK(has_header(answer, "Retry-After: 100"));
  CHECK(body_of_answer(answer).find("\"too_many_requests\"") != std::string::npos);
}

TEST_CASE("connections are bounded, and those that end make room") {
  auto with = options();
  with.connections = 4;
  Served served(with);
  {
    std::vector<std::unique_ptr<HttpClientSocket>> clients;
    for (int i = 0; i < 4; ++i) {
      clients.push_back(std::make_unique<HttpClientSocket>(served.port()));
      CHECK(status_of(clients.back()->ask(get_request("/x"))) == 200);
    }
    HttpClientSocket over(served.port());
    const std::string answer = over.answer();
    CHECK(status_of(answer) == 503);
    CHECK(has_header(answer, "Retry-After: 1"));
  }
  wait_until([&] { return served.connections() == 0; });
  HttpClientSocket after(served.port());
  CHECK(status_of(after.ask(get_request("/x"))) == 200);
}

TEST_CASE("who is turned away is told so, also when the request is on its way") {
  auto with = options();
  with.connections = 1;
  Served served(with);
  HttpClientSocket first(served.port());
  CHECK(status_of(first.ask(get_request("/x"))) == 200);
  for (int i = 0; i < 20; ++i) {
    HttpClientSocket over(served.port());
    CHECK(status_of(over.ask(post_request(5) + "hello")) == 503);
  }
}

TEST_CASE("one client cannot have all connections") {
  auto with = options();
  with.connections_per_client = 1;
  Served served(with);
  HttpClientSocket first(served.port());
  CHECK(status_of(first.ask(get_request("/x"))) == 200);
  HttpClientSocket second(served.port());
  CHECK(status_of(second.answer()) == 503);
}

TEST_CASE("a thousand requests over fifty connections") {
  Served served;
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back([&, i] {
      HttpClientSocket client(served.port());
      for (int k = 0; k < 20; ++k) {
        const std::string target = "/" + std::to_string(i) + "/" + std::to_string(k);
        if (body_of_answer(client.ask(get_request(target))) == "GET " + target + " ") ++good;
      }
    });
  }
  for (auto& each : clients) each.join();
  CHECK(good == 1000);
  CHECK(served.answers(200) == 1000);
}

TEST_CASE("stop lets an answer under way out, drops who is idle, and accepts nobody") {
  begun = 0;
  Served served;
  HttpClientSocket idle(served.port());
  HttpClientSocket busy(served.port());
  CHECK(status_of(idle.ask(get_request("/x"))) == 200);
  busy.send(get_request("/slow"));
  wait_until([] { return begun > 0; });
  served.stop();
  CHECK(served.connections() == 0);
  CHECK(idle.hung_up());
  const std::string answer = busy.answer();
  CHECK(body_of_answer(answer) == "GET /slow ");
  CHECK(has_header(answer, "Connection: close"));
  CHECK_FALSE(HttpClientSocket(served.port()).connected());
}

TEST_CASE("stop waits for a handler, not for a client") {
  begun = 0;
  Served served;
  HttpClientSocket busy(served.port());
  busy.send(get_request("/forever"));  // longer than stop has patience
  wait_until([] { return begun > 0; });
  const auto asked_at = std::chrono::steady_clock::now();
  served.stop();
  CHECK(std::chrono::steady_clock::now() - asked_at > 300ms);
  CHECK(served.connections() == 0);
  CHECK(busy.hung_up());
}

TEST_CASE("an address that is taken is said so") {
  Served served;
  asio::io_context io;
  const auto taken = parse_listen_address("127.0.0.1:" + std::to_string(served.port()));
  CHECK_THROWS_AS(HttpServer(io.get_executor(), taken, &echo), Error);
}

}  // namespace http_server_test
