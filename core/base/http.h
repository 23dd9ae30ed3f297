// The project's only HTTP client. It sends requests over https (over plain http only when the
// request allows it), one after another or several at once. Nothing else in the project calls
// libcurl.
//
// The client verifies TLS and takes proxies from the environment (https_proxy, no_proxy…).
// SSL_CERT_FILE and SSL_CERT_DIR name certificate authorities other than the system's. A request to
// a plain http address or to this machine never goes through a proxy.
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
  std::chrono::milliseconds connect{20'000};  // name lookup, TCP and TLS
  std::chrono::milliseconds stall{30'000};    // connected, but no data moves in either direction
  std::chrono::milliseconds total{60'000};    // the whole request, with the wait for a connection
  std::uint64_t body_bytes = 64 << 20;        // of the answer, both compressed and inflated
};

struct HttpHead {
  long status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // The value of the first header with this name (in lower case); empty when there is none. The
  // view is valid as long as this object.
  std::string_view header(std::string_view name) const;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // URL, headers and body may hold secrets: they are never logged
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  bool gzip_body = false;         // send the body with Content-Encoding: gzip
  bool gzip_answer = true;        // accept a compressed answer and inflate it on the way
  bool plain_http = false;        // allow an http:// URL; otherwise it is refused
  bool follow_redirects = false;  // for a GET over https: follow up to three, only to https. With
                                  // an Authorization header, return the redirect as the answer
  HttpLimits limits{};
  // Receives the answer's body piece by piece, whatever the status; without it, the body goes to
  // HttpAnswer::body. It must not use the client. An exception from it ends the request and comes
  // out of send() or poll(); `done` is then not called.
  std::function<void(const HttpHead&, BytesView)> on_body{};
  std::function<bool()> interrupted{};  // called several times a second; true ends the request
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
    kBroken,       // the connection broke, or the answer was not HTTP
    kTooLarge,     // the answer or its headers are larger than allowed
    kInterrupted,
  };
  Kind kind;
  std::string what;  // a clause: "Couldn't connect to server". Holds nothing of the request
};

// An answer with any status, even an error status, is an HttpAnswer.
using HttpResult = std::variant<HttpAnswer, HttpFailure>;

// Use it from one thread; only wake() may be called from any thread. The client keeps and reuses
// connections, at most eight per host, and uses HTTP/2 when the server offers it. Its destructor
// drops the requests in flight, as cancel_all() does.
//
// A request that cannot be sent at all (no URL, a refused scheme, a line break in a header) throws
// Error(kConfig). The error does not name the request.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Waits for the answer. Other requests in flight continue meanwhile; the next poll() calls their
  // `done`.
  HttpResult send(HttpRequest request);

  // Starts a request; several may be in flight. poll() calls `done`, which may start, send or
  // cancel.
  void start(HttpRequest request, std::function<void(HttpResult)> done);
  std::size_t in_flight() const;  // requests whose `done` has not been called yet

  // Moves data and calls the `done` of finished requests. Returns after such calls, at a wake(), or
  // after `at_most`, even with nothing in flight. An exception from a `done` comes out of poll();
  // the next poll() calls the remaining ones.
  void poll(std::chrono::milliseconds at_most);
  // May be called from any thread. Ends the running poll() at once, or else the next one.
  void wake();

  void cancel_all();  // does not call any `done`

  // How far this machine's clock was ahead (negative: behind) of the server that last sent a
  // readable Date header; nothing until one did.
  std::optional<std::chrono::seconds> clock_skew() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), the form of Date and Retry-After.
std::optional<UnixSeconds> parse_http_date(std::string_view text);

// How far this machine's clock is ahead (negative: behind) of the answer's Date header; nothing
// when there is no readable one. `now` is when the answer came.
std::optional<std::chrono::seconds> clock_skew(const HttpHead& head, UnixSeconds now);
// Google refuses requests signed with a clock that is more than a few minutes off.
inline constexpr std::chrono::seconds kClockTolerance = std::chrono::minutes(2);
// Says "this machine's clock is 10 minutes ahead"; empty when the clock is off by less than
// kClockTolerance, or the answer does not tell.
Words wrong_clock(const HttpHead& head, UnixSeconds now);

}  // namespace wasync
