#include "unit/http_stub.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace wasync::synthetic {
namespace {

// False when the test is over first.
bool wait_readable(int fd, int stop) {
  std::array<pollfd, 2> fds{pollfd{fd, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
  return ::poll(fds.data(), fds.size(), 20'000) > 0 && fds[1].revents == 0;
}

std::string read_request(int fd, int stop) {
  std::string out;
  std::array<char, 4096> piece{};
  while (out.find("\r\n\r\n") == std::string::npos && wait_readable(fd, stop)) {
    const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got <= 0) break;
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
  return out;
}

void send_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

HttpStub::HttpStub(std::vector<std::string> answers) : answers_(std::move(answers)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, generic, &size) != 0 || ::pipe(stop_) != 0) {
    throw std::runtime_error("no loopback server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpStub::~HttpStub() {
  ::close(stop_[1]);  // the other end becomes readable
  thread_.join();
  ::close(stop_[0]);
  ::close(listener_);
}

std::string HttpStub::host() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> HttpStub::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpStub::serve() {
  for (std::string_view answer : answers_) {
    if (!wait_readable(listener_, stop_[0])) return;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    std::string request = read_request(fd, stop_[0]);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
    }
    const bool hang = answer.ends_with(kHang);
    if (hang) answer.remove_suffix(std::string_view(kHang).size());
    send_all(fd, answer);
    while (hang && wait_readable(fd, stop_[0])) {
      std::array<char, 64> rest{};
      if (::recv(fd, rest.data(), rest.size(), 0) <= 0) break;
    }
    ::close(fd);
  }
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace wasync::synthetic
