// An HTTP server for one test, on loopback: scripted bytes, or what a function answers.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wasync::synthetic {

class HttpStub {
 public:
  // An answer that ends with kHang keeps the connection open in silence.
  static constexpr const char* kHang = "\x01hang";
  // Where it stands in an answer, the server dawdles for a tenth of a second.
  static constexpr const char* kPause = "\x01pause";

  // Answers each connection with the next of these and closes it.
  explicit HttpStub(std::vector<std::string> answers);
  // Answers every request, on connections that are kept until an answer says "Connection: close"
  // or is empty. Each connection has a thread, from which `answer` is called with the request,
  // head and body. With a context, it speaks TLS.
  using Answer = std::function<std::string(const std::string& request)>;
  explicit HttpStub(Answer answer, SSL_CTX* tls = nullptr);
  ~HttpStub();
  HttpStub(const HttpStub&) = delete;
  HttpStub& operator=(const HttpStub&) = delete;

  int port() const { return port_; }
  std::string host() const;  // "http://127.0.0.1:<port>", or https://
  std::vector<std::string> requests() const;
  std::size_t connections() const;  // accepted so far

 private:
  class Connection;

  void listen();
  void serve_script();
  void serve();
  void serve(Connection& connection);
  // False when the connection is to be closed.
  bool answer_with(Connection& connection, std::string_view answer) const;
  void keep(std::string request);

  int listener_ = -1;
  int stop_[2] = {-1, -1};
  int port_ = 0;
  SSL_CTX* tls_ = nullptr;
  std::vector<std::string> script_;
  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::size_t connections_ = 0;
  std::vector<std::thread> serving_;
  std::thread thread_;
};

// 200 with this body, the last one of its connection.
std::string ok(const std::string& body);
// With the status ("503 Busy") and further headers ("Retry-After: 3\r\n"); the connection stays.
std::string kept(const std::string& body, const std::string& status = "200 OK",
                 const std::string& headers = {});
// Of a request.
std::string body_of(const std::string& request);

}  // namespace wasync::synthetic
