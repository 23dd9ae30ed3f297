// Connects in a way that the caller can call off.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <exception>
#include <memory>

#include "base/wake.h"
#include "wire/connection.h"

namespace wasync {

// One attempt. Used from one io_context thread; held by shared_ptr because what it started may
// still run after call_off().
class Dial : public std::enable_shared_from_this<Dial> {
 public:
  explicit Dial(const boost::asio::any_io_executor& executor);

  // Calls Connection::connect, once. Throws what that throws. When called off, throws the reason at
  // once.
  boost::asio::awaitable<std::unique_ptr<Connection>> run(Endpoint endpoint, KeyPair noise_static,
                                                          Bytes client_payload,
                                                          std::chrono::milliseconds timeout);

  // Call it before or during run(). The first reason stands.
  void call_off(std::exception_ptr reason);

 private:
  boost::asio::any_io_executor executor_;
  Wake changed_;
  boost::asio::cancellation_signal cancel_;
  std::exception_ptr called_off_;
  std::exception_ptr failure_;
  std::unique_ptr<Connection> connection_;
  bool done_ = false;
};

}  // namespace wasync
