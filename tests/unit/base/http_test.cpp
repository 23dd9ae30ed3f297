#include "base/http.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <condition_variable>
#include <cstdlib>
#include <stdexcept>

#include "base/error.h"
#include "base/inflate.h"
#include "unit/http_stub.h"
#include "unit/tls_authority.h"

namespace http_test {

using namespace wasync;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using synthetic::HttpStub;
using synthetic::kept;
using synthetic::ok;
using Kind = HttpFailure::Kind;

namespace {

constexpr const char* kSecret = "hush";

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url + "/?secret=" + kSecret;
  request.headers = {{"X-Secret", kSecret}};
  request.plain_http = true;
  request.limits.total = 20s;
  return request;
}

HttpRequest post(const std::string& url, std::string body) {
  HttpRequest request = get(url);
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

HttpAnswer answer(const HttpResult& result) {
  if (const auto* failure = std::get_if<HttpFailure>(&result)) FAIL(failure->what);
  return std::get<HttpAnswer>(result);
}

Kind failure(const HttpResult& result) {
  REQUIRE(std::holds_alternative<HttpFailure>(result));
  const HttpFailure& failed = std::get<HttpFailure>(result);
  CHECK_FALSE(failed.what.empty());
  CHECK(failed.what.find(kSecret) == std::string::npos);
  return failed.kind;
}

Kind failure(HttpRequest request) {
  HttpClient client;
  return failure(client.send(std::move(request)));
}

// Many connections, each answered with the same.
HttpStub::Answer always(const std::string& what) {
  return [what](const std::string&) { return what; };
}

void finish(HttpClient& client) {
  const auto until = steady_clock::now() + 20s;
  while (client.in_flight() > 0 && steady_clock::now() < until) client.poll(1s);
  REQUIRE(client.in_flight() == 0);
}

std::string gunzip(const std::string& data) {
  std::string out(100'000'000, '\0');
  z_stream zlib{};
  REQUIRE(inflateInit2(&zlib, 15 + 16) == Z_OK);
  zlib.next_in = const_cast<Bytef*>(as_bytes(data).data());
  zlib.avail_in = static_cast<uInt>(data.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  const int result = ::inflate(&zlib, Z_FINISH);
  inflateEnd(&zlib);
  REQUIRE(result == Z_STREAM_END);
  out.resize(zlib.total_out);
  return out;
}

std::string numbers(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i * 2654435761u) + ",";
  return out;
}

bool holds(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

// An environment variable for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a request arrives as it was given") {
  const HttpStub server(always(kept("here", "202 Later", "X-One: 1 \r\nx-two:2\r\n")));
  HttpClient client;
  HttpRequest request = post(server.host(), std::string(3'000'000, 'b'));
  request.headers = {{"Authorization", "Bearer x"}, {"X-Empty", ""}};
  const HttpAnswer got = answer(client.send(std::move(request)));
  CHECK(got.status == 202);
  CHECK(got.body == "here");
  CHECK(got.header("x-one") == "1");
  CHECK(got.header("x-two") == "2");
  CHECK_FALSE(got.http2);
  const std::string sent = server.requests().at(0);
  CHECK(sent.starts_with("POST /?secret=hush HTTP/1.1\r\n"));
  CHECK(holds(sent, "Authorization: Bearer x"));
  CHECK(holds(sent, "X-Empty:"));
  CHECK(holds(sent, "Content-Length: 3000000"));
  CHECK(sent.find("Content-Type:") == std::string::npos);
  CHECK(sent.find("Expect:") == std::string::npos);
  CHECK(synthetic::body_of(sent) == std::string(3'000'000, 'b'));
}

TEST_CASE("methods, with a body and without") {
  const HttpStub server([](const std::string& request) {
    return kept(request.starts_with("HEAD") ? "" : request.substr(0, request.find(' ')));
  });
  HttpClient client;
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "GET"}) {
    CAPTURE(method);
    HttpRequest request = get(server.host());
    request.method = method;
    const std::string expected = request.method == "HEAD" ? "" : method;
    CHECK(answer(client.send(request)).body == expected);
    request.body = "x";
    CHECK(answer(client.send(std::move(request))).body == expected);
  }
  CHECK(server.connections() == 1);
  CHECK(holds(server.requests().at(4), "Content-Length: 0"));
}

TEST_CASE("a connection is kept and used again") {
  const HttpStub server(always(kept("x")));
  HttpClient client;
  for (int i = 0; i < 20; ++i) CHECK(answer(client.send(get(server.host()))).body == "x");
  for (int i = 0; i < 20; ++i) {
    client.start(get(server.host()), [](const HttpResult& result) { answer(result); });
    finish(client);
  }
  CHECK(server.requests().size() == 40);
  CHECK(server.connections() == 1);
}

TEST_CASE("a kept connection that the server has closed is replaced") {
  const HttpStub server(always(ok("x")));
  HttpClient client;
  for (int i = 0; i < 3; ++i) CHECK(answer(client.send(post(server.host(), "b"))).body == "x");
  CHECK(server.connections() == 3);
}

TEST_CASE("many are in flight at once, on eight connections to a host") {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  const HttpStub server([&](const std::string& request) {
    // Nobody is answered before eight are here.
    std::unique_lock lock(mutex);
    ++inside;
    changed.notify_all();
    changed.wait_for(lock, 10s, [&] { return inside >= 8; });
    return kept(synthetic::body_of(request));
  });
  HttpClient client;
  std::string all;
  for (int i = 0; i < 30; ++i) {
    const std::string body = std::to_string(i);
    client.start(post(server.host(), body), [&all, body](const HttpResult& result) {
      CHECK(answer(result).body == body);
      all += '.';
    });
  }
  CHECK(client.in_flight() == 30);
  finish(client);
  CHECK(all == std::string(30, '.'));
  CHECK(server.connections() == 8);
}

TEST_CASE("one can be waited for while others are in flight, and a `done` may start more") {
  const HttpStub server(always(kept("x")));
  HttpClient client;
  int done = 0;
  client.start(get(server.host()), [&](const HttpResult&) {
    ++done;
    client.start(get(server.host()), [&](const HttpResult&) { ++done; });
    answer(client.send(get(server.host())));
  });
  for (int i = 0; i < 5; ++i) answer(client.send(get(server.host())));
  CHECK(done == 0);
  CHECK(client.in_flight() == 1);
  finish(client);
  CHECK(done == 2);
}

TEST_CASE("bodies go compressed when asked to") {
  const HttpStub server(always(kept("")));
  HttpClient client;
  for (const std::string& body : {std::string(), std::string("x"), numbers(5'000'000)}) {
    HttpRequest request = post(server.host(), body);
    request.gzip_body = true;
    answer(client.send(std::move(request)));
    const std::string sent = server.requests().back();
    CHECK(holds(sent, "Content-Encoding: gzip"));
    const std::string arrived = synthetic::body_of(sent);
    CHECK(gunzip(arrived) == body);
    CHECK(arrived.size() <= 100 + body.size() * 3 / 4);
  }
}

TEST_CASE("answers may come compressed") {
  const std::string body = numbers(1'000'000);
  const HttpStub server([&](const std::string& request) {
    return holds(request, "Accept-Encoding: gzip")
               ? kept(gzip(body), "200 OK", "Content-Encoding: gzip\r\n")
               : kept("plain");
  });
  HttpClient client;
  CHECK(answer(client.send(get(server.host()))).body == body);
  HttpRequest request = get(server.host());
  request.gzip_answer = false;
  CHECK(answer(client.send(request)).body == "plain");
  request.gzip_answer = true;
  request.limits.body_bytes = body.size() - 1;
  CHECK(failure(client.send(std::move(request))) == Kind::kTooLarge);

  const HttpStub damaged(always(kept("no gzip", "200 OK", "Content-Encoding: gzip\r\n")));
  CHECK(failure(get(damaged.host())) == Kind::kBroken);
}

TEST_CASE("too large an answer is refused, announced or not") {
  for (const bool announced : {true, false}) {
    const std::string body(5000, 'x');
    const HttpStub server(
        always(announced ? kept(body) : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body));
    HttpRequest request = get(server.host());
    request.limits.body_bytes = 5000;
    HttpClient client;
    CHECK(answer(client.send(request)).body == body);
    request.limits.body_bytes = 4999;
    CHECK(failure(client.send(std::move(request))) == Kind::kTooLarge);
  }
}

TEST_CASE("huge headers are refused") {
  const auto many = [](int count) {
    std::string headers;
    for (int i = 0; i < count; ++i) headers += "X-H: " + std::string(1000, 'h') + "\r\n";
    return kept("x", "200 OK", headers);
  };
  const HttpStub fair(always(many(200)));
  HttpClient client;
  CHECK(answer(client.send(get(fair.host()))).headers.size() == 201);
  const HttpStub huge(always(many(1000)));
  CHECK(failure(get(huge.host())) == Kind::kTooLarge);
}

TEST_CASE("malformed headers are passed over") {
  const HttpStub server(
      always("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\n"
             "Transfer-Encoding: chunked\r\nX-Good:\t y \r\n folded: x\r\n"
             "bad name: x\r\n\r\n1\r\nb\r\n0\r\nX-Late: 1\r\n\r\n"));
  HttpClient client;
  const HttpAnswer got = answer(client.send(get(server.host())));
  CHECK(got.status == 200);
  CHECK(got.body == "b");
  CHECK(got.headers.size() == 2);
  CHECK(got.header("x-good") == "y");
}

TEST_CASE("a server that dawdles is left") {
  const HttpStub silent(always(HttpStub::kHang));
  HttpRequest request = get(silent.host());
  const auto begun = steady_clock::now();
  SUBCASE("nothing comes") {
    request.limits.stall = 150ms;
  }
  SUBCASE("not in all the time there is") {
    request.limits.total = 150ms;
  }
  SUBCASE("no TLS comes to be") {
    request.url = "https://127.0.0.1:" + std::to_string(silent.port());
    request.limits.connect = 150ms;
  }
  CHECK(failure(std::move(request)) == Kind::kTimedOut);
  const auto took = steady_clock::now() - begun;
  CHECK(took >= 150ms);
  CHECK(took < 10s);
}

TEST_CASE("a body that stops coming is left, one that is taken slowly is not") {
  const HttpStub server(
      always("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" + std::string(HttpStub::kHang)));
  HttpRequest request = get(server.host());
  request.limits.stall = 150ms;
  CHECK(failure(std::move(request)) == Kind::kTimedOut);

  const HttpStub large(always(kept(std::string(300'000, 'x'))));
  request = get(large.host());
  request.limits.stall = 150ms;
  bool waited = false;
  request.on_body = [&](const HttpHead&, BytesView) {
    if (!waited) std::this_thread::sleep_for(300ms);
    waited = true;
  };
  HttpClient client;
  CHECK(answer(client.send(std::move(request))).status == 200);
}

TEST_CASE("a transfer that moves slowly is no stalled one") {
  std::string drips;
  for (int i = 0; i < 12; ++i) drips += std::string(HttpStub::kPause) + "x";
  const HttpStub server(always("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + drips));
  HttpRequest request = get(server.host());
  request.limits.stall = 1s;
  HttpClient client;
  CHECK(answer(client.send(std::move(request))).body == std::string(12, 'x'));
}

TEST_CASE("waiting for one of the eight connections is no stall") {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  const HttpStub server([&](const std::string&) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return over; });
    return kept("");
  });
  HttpClient client;
  for (int i = 0; i < 8; ++i) client.start(get(server.host()), [](const HttpResult&) {});
  HttpRequest ninth = get(server.host());
  ninth.limits.stall = 200ms;
  client.start(std::move(ninth), [](const HttpResult&) {});
  const auto until = steady_clock::now() + 500ms;
  while (steady_clock::now() < until) client.poll(100ms);
  CHECK(client.in_flight() == 9);
  client.cancel_all();
  const std::lock_guard lock(mutex);
  over = true;
  changed.notify_all();
}

TEST_CASE("connections that are not there, break, or bring no HTTP") {
  std::string nobody;
  {
    const HttpStub closed(always(""));
    nobody = closed.host();
  }
  CHECK(failure(get(nobody)) == Kind::kUnreachable);
  CHECK(failure(get("http://name.invalid")) == Kind::kUnreachable);
  for (const char* said :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nabc",
        "no http at all\r\n\r\nConnection: close\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz"}) {
    CAPTURE(said);
    const HttpStub server(always(said));
    CHECK(failure(get(server.host())) == Kind::kBroken);
  }
}

TEST_CASE("a body can be taken piece by piece, whatever the status") {
  const std::string body = numbers(1'000'000);
  const HttpStub server(always(kept(body, "418 Teapot", "X-A: b\r\n")));
  HttpRequest request = get(server.host());
  std::string got;
  int pieces = 0;
  request.on_body = [&](const HttpHead& head, BytesView piece) {
    CHECK(head.status == 418);
    CHECK(head.header("x-a") == "b");
    got += as_text(piece);
    ++pieces;
  };
  HttpClient client;
  const HttpAnswer end = answer(client.send(std::move(request)));
  CHECK(end.status == 418);
  CHECK(end.body.empty());
  CHECK(got == body);
  CHECK(pieces > 3);
}

TEST_CASE("what a request's functions throw comes out, and the others go on") {
  const HttpStub server(always(kept("x")));
  HttpClient client;
  const auto throwing = [&] {
    HttpRequest request = get(server.host());
    request.on_body = [](const HttpHead&, BytesView) { throw std::out_of_range("mine"); };
    return request;
  };
  CHECK_THROWS_AS(client.send(throwing()), std::out_of_range);
  HttpRequest request = get(server.host());
  request.interrupted = []() -> bool { throw std::out_of_range("mine"); };
  CHECK_THROWS_AS(client.send(std::move(request)), std::out_of_range);

  int done = 0;
  int thrown = 0;
  for (int i = 0; i < 3; ++i) {
    client.start(throwing(), [&](const HttpResult&) { FAIL_CHECK("called all the same"); });
    client.start(get(server.host()), [&](const HttpResult& result) {
      answer(result);
      ++done;
      if (done == 2) throw std::out_of_range("done's");
    });
  }
  const auto until = steady_clock::now() + 20s;
  while (client.in_flight() > 0 && steady_clock::now() < until) {
    try {
      client.poll(1s);
    } catch (const std::out_of_range&) {
      ++thrown;
    }
  }
  CHECK(done == 3);
  CHECK(thrown == 4);
}

TEST_CASE("a request can be interrupted") {
  const HttpStub server(always(HttpStub::kHang));
  HttpRequest request = get(server.host());
  const auto begun = steady_clock::now();
  request.interrupted = [&] { return steady_clock::now() - begun > 50ms; };
  CHECK(failure(std::move(request)) == Kind::kInterrupted);
  CHECK(steady_clock::now() - begun < 5s);
}

TEST_CASE("poll waits no longer than told, and another thread can wake it") {
  HttpClient client;
  const auto begun = steady_clock::now();
  client.poll(50ms);
  CHECK(steady_clock::now() - begun >= 50ms);
  client.wake();
  client.poll(20s);
  std::thread other([&] { client.wake(); });
  client.poll(20s);
  other.join();
  const HttpStub server(always(HttpStub::kHang));
  client.start(get(server.host()), [](const HttpResult&) { FAIL_CHECK("not answered"); });
  std::thread another([&] { client.wake(); });
  client.poll(20s);
  another.join();
  CHECK(client.in_flight() == 1);
  CHECK(steady_clock::now() - begun < 10s);
}

TEST_CASE("what is cancelled is never heard of again") {
  const HttpStub server([](const std::string& request) {
    return request.starts_with("POST") ? std::string(HttpStub::kHang) : kept("x");
  });
  HttpClient client;
  for (int i = 0; i < 12; ++i)
    client.start(post(server.host(), "x"), [](const HttpResult&) { FAIL_CHECK("called"); });
  client.poll(20ms);
  client.cancel_all();
  CHECK(client.in_flight() == 0);
  CHECK(answer(client.send(get(server.host()))).body == "x");
  client.start(get(server.host()), [](const HttpResult&) { FAIL_CHECK("called"); });
  client.start(get(server.host()), [&](const HttpResult&) { FAIL_CHECK("called"); });
  answer(client.send(get(server.host())));
  client.cancel_all();
  client.poll(20ms);
}

TEST_CASE("requests that must not be sent are refused without naming them") {
  HttpClient client;
  const auto refused = [&](const HttpRequest& request) {
    try {
      client.start(request, [](const HttpResult&) {});
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find(kSecret) == std::string::npos);
      return error.code() == ErrorCode::kConfig;
    }
    return false;
  };
  for (const char* url :
       {"", "hush", "ftp://127.0.0.1/hush", "file:///hush", "http://", "https://",
        "http://me:hush@127.0.0.1/", "http://127.0.0.1/hush\r\nX: y", "http://127.0.0.1:99999/"}) {
    CAPTURE(url);
    HttpRequest request;
    request.url = url;
    request.plain_http = true;
    CHECK(refused(request));
  }
  HttpRequest request = get("http://127.0.0.1:1");
  request.plain_http = false;
  CHECK(refused(request));
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"X", "hush\r\nY: z"},
                                                        {"X", std::string("hush\0", 5)},
                                                        {"X\r\nY", "z"},
                                                        {"", "x"},
                                                        {"X:", "y"},
                                                        {"X Y", "z"}}) {
    CAPTURE(name);
    request = get("http://127.0.0.1:1");
    request.headers = {{name, value}};
    CHECK(refused(request));
  }
  request = get("http://127.0.0.1:1");
  request.method = "GET /hush HTTP/1.1\r\nX:";
  CHECK(refused(request));
  CHECK(client.in_flight() == 0);
}

TEST_CASE("a certificate must verify") {
  const testing::TlsAuthority authority("IP:127.0.0.1");
  const testing::TlsAuthority stranger("DNS:elsewhere.example");
  auto context = authority.server_context();
  auto other = stranger.server_context();
  const HttpStub server(always(kept("x")), context.native_handle());
  const HttpStub misnamed(always(kept("x")), other.native_handle());
  CHECK(failure(get(server.host())) == Kind::kCertificate);
  {
    const Variable trusted("SSL_CERT_FILE", authority.file());
    HttpClient client;
    for (int i = 0; i < 3; ++i) CHECK(answer(client.send(get(server.host()))).body == "x");
    CHECK(server.connections() == 2);  // and the one refused
    CHECK(failure(get(misnamed.host())) == Kind::kCertificate);
  }
  const Variable trusted("SSL_CERT_FILE", stranger.file());
  CHECK(failure(get(misnamed.host())) == Kind::kCertificate);
  const Variable nothing("SSL_CERT_FILE", "/nonexistent");
  CHECK(failure(get(server.host())) == Kind::kCertificate);
}

TEST_CASE("redirects are followed where asked for, three times, and never to plain http") {
  const testing::TlsAuthority authority("IP:127.0.0.1");
  const Variable trusted("SSL_CERT_FILE", authority.file());
  auto context = authority.server_context();
  const HttpStub plain(always(kept("plain")));
  const HttpStub server(
      [&](const std::string& request) {
        const auto to = [](const std::string& where) {
          return kept("there", "302 Found", "X-Hop: 1\r\nLocation: " + where + "\r\n");
        };
        if (request.find(" /plain") != std::string::npos) return to(plain.host());
        for (char left = '9'; left > '0'; --left)
          if (request.find(std::string(" /") + left) != std::string::npos)
            return to(std::string("/") + static_cast<char>(left - 1));
        return kept("end");
      },
      context.native_handle());
  HttpClient client;
  const auto asked = [&](const std::string& path) {
    HttpRequest request = get(server.host());
    request.url = server.host() + path;
    request.follow_redirects = true;
    return request;
  };
  const HttpAnswer end = answer(client.send(asked("/3")));
  CHECK(end.status == 200);
  CHECK(end.body == "end");
  CHECK(end.header("x-hop").empty());
  CHECK(failure(client.send(asked("/4"))) == Kind::kBroken);
  CHECK(failure(client.send(asked("/plain"))) == Kind::kBroken);
  CHECK(plain.requests().empty());

  HttpRequest request = asked("/1");
  SUBCASE("not asked for") {
    request.follow_redirects = false;
  }
  SUBCASE("it would carry a token along") {
    request.headers = {{"authorization", "x"}};
  }
  SUBCASE("it is no GET") {
    request.method = "POST";
  }
  const HttpAnswer redirect = answer(client.send(std::move(request)));
  CHECK(redirect.status == 302);
  CHECK(redirect.body == "there");
}

TEST_CASE("redirects of plain http are not followed") {
  const HttpStub server(always(kept("", "301 Moved", "Location: /x\r\n")));
  HttpRequest request = get(server.host());
  request.follow_redirects = true;
  HttpClient client;
  CHECK(answer(client.send(std::move(request))).status == 301);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("proxies are used, but not for this machine or without TLS") {
  const HttpStub proxy(always("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"));
  const HttpStub server(always(kept("x")));
  const std::string address = "http://me:hush@127.0.0.1:" + std::to_string(proxy.port());
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy"}) {
    CAPTURE(name);
    const Variable set(name, address);
    const Variable plain("http_proxy", address);
    HttpClient client;
    CHECK(answer(client.send(get(server.host()))).body == "x");
    const HttpResult result = client.send(get("https://name.invalid"));
    CHECK(failure(result) == Kind::kUnreachable);
    CHECK(std::get<HttpFailure>(result).what.find("407") != std::string::npos);
    CHECK(proxy.requests().back().starts_with("CONNECT name.invalid:443 "));
    const std::size_t before = proxy.requests().size();
    CHECK(failure(client.send(get("http://name.invalid"))) == Kind::kUnreachable);
    CHECK(failure(client.send(get("https://127.0.0.1:1"))) == Kind::kUnreachable);
    CHECK(proxy.requests().size() == before);
    const Variable exempt("no_proxy", "name.invalid");
    CHECK(failure(client.send(get("https://name.invalid"))) == Kind::kUnreachable);
    CHECK(proxy.requests().size() == before);
  }
}

}  // namespace http_test
