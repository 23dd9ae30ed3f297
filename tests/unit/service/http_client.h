// A client that may behave badly: a blocking socket, bounded in time.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace wasync::test {

class HttpClientSocket {
 public:
  explicit HttpClientSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~HttpClientSocket() { ::close(fd_); }
  HttpClientSocket(const HttpClientSocket&) = delete;
  HttpClientSocket& operator=(const HttpClientSocket&) = delete;

  bool connected() const { return connected_; }

  // False once the server has hung up.
  bool send(std::string_view data) const {
    while (!data.empty()) {
      const auto sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void half_close() const { ::shutdown(fd_, SHUT_WR); }

  // One answer, head and body; what is behind it is kept. Empty when the server hung up.
  std::string answer(bool head_only = false) {
    while (true) {
      const std::size_t end = pending_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const std::size_t size = end + 4 + (head_only ? 0 : announced(pending_.substr(0, end)));
        if (pending_.size() >= size) {
          std::string out = pending_.substr(0, size);
          pending_.erase(0, size);
          return out;
        }
      }
      if (!read_more()) return {};
    }
  }
  std::string ask(std::string_view request) {
    send(request);
    return answer();
  }
  // Whether the server hangs up, rather than just be silent.
  bool hung_up() {
    while (read_more()) continue;
    return ended_;
  }

 private:
  static std::size_t announced(const std::string& head) {
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = head.find(kLength);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + kLength.size()));
  }
  bool read_more() {
    std::array<char, 65536> piece{};
    const auto got = ::recv(fd_, piece.data(), piece.size(), 0);
    ended_ = got == 0 || (got < 0 && errno == ECONNRESET);
    if (got > 0) pending_.append(piece.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string pending_;
};

inline std::string get_request(std::string_view target, std::string_view headers = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + std::string(headers) +
         "\r\n";
}
inline int status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}
inline std::string body_of_answer(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}
inline bool has_header(const std::string& answer, const std::string& line) {
  return answer.find("\r\n" + line + "\r\n") < answer.find("\r\n\r\n") + 2;
}

}  // namespace wasync::test
