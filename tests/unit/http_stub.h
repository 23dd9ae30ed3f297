// A media server for one test: answers each connection with the next scripted bytes.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wasync::synthetic {

class HttpStub {
 public:
  // An answer that ends with kHang keeps the connection open in silence.
  static constexpr const char* kHang = "\x01hang";

  explicit HttpStub(std::vector<std::string> answers);
  ~HttpStub();
  HttpStub(const HttpStub&) = delete;
  HttpStub& operator=(const HttpStub&) = delete;

  std::string host() const;  // "http://127.0.0.1:<port>"
  std::vector<std::string> requests() const;

 private:
  void serve();

  int listener_ = -1;
  int stop_[2] = {-1, -1};
  int port_ = 0;
  std::vector<std::string> answers_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// 200 with this body.
std::string ok(const std::string& body);

}  // namespace wasync::synthetic
