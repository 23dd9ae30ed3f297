#include "unit/http_stub.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace wasync::synthetic {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

// False when the test is over first.
bool wait_readable(int fd, int stop) {
  std::array<pollfd, 2> fds{pollfd{fd, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
  return ::poll(fds.data(), fds.size(), 20'000) > 0 && fds[1].revents == 0;
}

std::size_t announced_body(const std::string& head) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t at = head.find(kLength);
  return at == std::string::npos ? 0
                                 : std::strtoul(head.c_str() + at + kLength.size(), nullptr, 10);
}

}  // namespace

class HttpStub::Connection {
 public:
  Connection(int fd, int stop, SSL_CTX* tls)
      : fd_(fd), stop_(stop), tls_(tls ? SSL_new(tls) : nullptr, &SSL_free) {
    if (!tls_) return;
    SSL_set_fd(tls_.get(), fd);
    open_ = SSL_accept(tls_.get()) == 1;
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Empty when there is none any more.
  std::string read_request() {
    std::string out;
    std::size_t size = std::string::npos;
    while (open_ && out.size() < size) {
      std::array<char, 65536> piece{};
      const long got = read(piece.data(), piece.size());
      if (got <= 0) return {};
      out.append(piece.data(), static_cast<std::size_t>(got));
      const std::size_t end = out.find(kHeadEnd);
      if (end != std::string::npos) size = end + kHeadEnd.size() + announced_body(out);
    }
    return out;
  }

  void send_all(std::string_view data) {
    while (!data.empty()) {
      const long sent = tls_ ? SSL_write(tls_.get(), data.data(), static_cast<int>(data.size()))
                             : ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void hang() {
    std::array<char, 64> rest{};
    while (read(rest.data(), rest.size()) > 0) continue;
  }

 private:
  long read(char* to, std::size_t size) {
    const bool buffered = tls_ && SSL_pending(tls_.get()) > 0;
    if (!buffered && !wait_readable(fd_, stop_)) return 0;
    return tls_ ? SSL_read(tls_.get(), to, static_cast<int>(size)) : ::recv(fd_, to, size, 0);
  }

  int fd_;
  int stop_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  bool open_ = true;
};

HttpStub::HttpStub(std::vector<std::string> answers) : script_(std::move(answers)) {
  listen();
  thread_ = std::thread([this] { serve_script(); });
}

HttpStub::HttpStub(Answer answer, SSL_CTX* tls) : tls_(tls), answer_(std::move(answer)) {
  if (tls_) std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's writes raise it
  listen();
  thread_ = std::thread([this] { serve(); });
}

void HttpStub::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0 || ::pipe(stop_) != 0) {
    throw std::runtime_error("no loopback server");
  }
  port_ = ntohs(address.sin_port);
}

HttpStub::~HttpStub() {
  ::close(stop_[1]);  // the other end becomes readable
  thread_.join();
  for (std::thread& each : serving_) each.join();
  ::close(stop_[0]);
  ::close(listener_);
}

std::string HttpStub::host() const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

std::vector<std::string> HttpStub::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t HttpStub::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void HttpStub::keep(std::string request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
}

bool HttpStub::answer_with(Connection& connection, std::string_view answer) const {
  const bool hang = answer.ends_with(kHang);
  if (hang) answer.remove_suffix(std::string_view(kHang).size());
  std::string_view left = answer;
  for (std::size_t at = 0; (at = left.find(kPause)) != std::string_view::npos;) {
    connection.send_all(left.substr(0, at));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    left.remove_prefix(at + std::string_view(kPause).size());
  }
  connection.send_all(left);
  if (hang) connection.hang();
  return !hang && !answer.empty() && answer.find("Connection: close\r\n") == std::string::npos;
}

void HttpStub::serve_script() {
  for (const std::string& answer : script_) {
    if (!wait_readable(listener_, stop_[0])) return;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    Connection connection(fd, stop_[0], nullptr);
    keep(connection.read_request());
    answer_with(connection, answer);
  }
}

void HttpStub::serve() {
  while (wait_readable(listener_, stop_[0])) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
    }
    serving_.emplace_back([this, fd] {
      Connection connection(fd, stop_[0], tls_);
      serve(connection);
    });
  }
}

void HttpStub::serve(Connection& connection) {
  while (true) {
    std::string request = connection.read_request();
    if (request.empty()) return;
    keep(request);
    if (!answer_with(connection, answer_(request))) return;
  }
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

std::string kept(const std::string& body, const std::string& status, const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

std::string body_of(const std::string& request) {
  const std::size_t end = request.find(kHeadEnd);
  return end == std::string::npos ? std::string() : request.substr(end + kHeadEnd.size());
}

}  // namespace wasync::synthetic
