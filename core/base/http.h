// The one HTTP client: requests over https (plain http only where a request says so), one after
// another or several at once. Nothing else in the project calls libcurl.
//
// TLS is verified, proxies are those of the environment (https_proxy, no_proxy…), and
// SSL_CERT_FILE and SSL_CERT_DIR name other certificate authorities than the system's. A plain
// http address, or one of this machine, is never asked for through a proxy.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/phrase.h"

namespace wasync {

struct HttpLimits {
  std::chrono::milliseconds connect{20'000};  // name, TCP and TLS
  std::chrono::milliseconds stall{30'000};    // connected, but nothing moves either way
  std::chrono::milliseconds total{60'000};    // all of it, waiting for a connection included
  std::uint64_t body_bytes = 64 << 20;        // of the answer, also when it is inflated
};

struct HttpHead {
  long status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in small letters

  // The first of that name (small letters); empty when there is none. Valid as long as this is.
  std::string_view header(std::string_view name) const;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // may hold a secret, as headers and body may: none is ever logged
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  bool gzip_body = false;         // sent with Content-Encoding: gzip
  bool gzip_answer = true;        // the answer may come compressed and is inflated on the way
  bool plain_http = false;        // an http:// URL is refused unless this says it may be
  bool follow_redirects = false;  // of a GET over https, to https, three at most; none when there
                                  // is an Authorization header: the redirect is then the answer
  HttpLimits limits{};
  // Takes the answer's body piece by piece, whatever its status; without it, HttpAnswer::body
  // does. Must not use the client. What it throws ends the request and comes out again, of
  // send() or poll(); `done` is not called then.
  std::function<void(const HttpHead&, BytesView)> on_body{};
  std::function<bool()> interrupted{};  // asked several times a second
};

struct HttpAnswer : HttpHead {
  std::string body;
  bool http2 = false;
};

struct HttpFailure {
  enum class Kind {
    kUnreachable,  // no name, no route, no listener, no TLS, or a proxy that refuses
    kTimedOut,
    kCertificate,  // the server's certificate does not verify
    kBroken,       // the connection broke, or what came was no HTTP
    kTooLarge,     // the answer is larger than allowed, or its headers are
    kInterrupted,
  };
  Kind kind;
  std::string what;  // a clause: "Couldn't connect to server". Names nothing of the request
};

// An answer of any status is an answer.
using HttpResult = std::variant<HttpAnswer, HttpFailure>;

// Used from one thread, wake() excepted. Connections are kept and reused, at most eight to a
// host; HTTP/2 is spoken where it is offered. Requests in flight when it is destroyed are
// dropped as by cancel_all().
//   A request that cannot be sent at all (no URL, a scheme that is refused, a line break in a
// header) is Error(kConfig), without naming it.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Waits for the answer. Requests in flight go on meanwhile; their `done`s are called by the
  // next poll().
  HttpResult send(HttpRequest request);

  // Several in flight. `done` is called by poll(), and may start, send or cancel.
  void start(HttpRequest request, std::function<void(HttpResult)> done);
  std::size_t in_flight() const;  // those whose `done` is still to be called

  // Moves data and calls `done`s. Returns when one was called, at a wake(), and after `at_most`,
  // even with nothing in flight. What a `done` throws comes out; the others follow next time.
  void poll(std::chrono::milliseconds at_most);
  // From any thread: ends the poll() that runs, or else the next one, at once.
  void wake();

  void cancel_all();  // `done`s are not called

  // By how much this machine's clock was ahead (negative: behind) of whoever answered last and told
  // the time; nothing as long as nobody did.
  std::optional<std::chrono::seconds> clock_skew() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), the form that Date and Retry-After have.
std::optional<UnixSeconds> parse_http_date(std::string_view text);

// By how much this machine's clock is ahead of the one the answer's Date header was read from
// (negative: behind); nothing without a readable one. `now`: when the answer came.
std::optional<std::chrono::seconds> clock_skew(const HttpHead& head, UnixSeconds now);
// Google refuses what is signed by a clock that is off by more than some minutes.
inline constexpr std::chrono::seconds kClockTolerance = std::chrono::minutes(2);
// "this machine's clock is 10 minutes ahead"; empty while it is less than that off.
Words wrong_clock(const HttpHead& head, UnixSeconds now);

}  // namespace wasync
