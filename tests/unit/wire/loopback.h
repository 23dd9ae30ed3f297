// Runs coroutines of both ends of a loopback connection, bounded in time.
#pragma once

#include <doctest/doctest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"

namespace wasync::testing {

// What a coroutine that runs in the background came to.
template <class T>
struct Outcome {
  bool done = false;
  std::exception_ptr failure;
  std::optional<T> value;

  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(value.value());
  }
};
struct Nothing {};

class Loop {
 public:
  boost::asio::io_context io;

  template <class T>
  std::shared_ptr<Outcome<T>> spawn(boost::asio::awaitable<T> task) {
    auto outcome = std::make_shared<Outcome<T>>();
    boost::asio::co_spawn(io, std::move(task), [outcome](std::exception_ptr failure, T value) {
      outcome->done = true;
      outcome->failure = failure;
      if (!failure) outcome->value = std::move(value);
    });
    return outcome;
  }
  std::shared_ptr<Outcome<Nothing>> spawn(boost::asio::awaitable<void> task) {
    auto outcome = std::make_shared<Outcome<Nothing>>();
    boost::asio::co_spawn(io, std::move(task), [outcome](std::exception_ptr failure) {
      outcome->done = true;
      outcome->failure = failure;
      outcome->value = Nothing{};
    });
    return outcome;
  }

  template <class Condition>
  void run_until(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    io.restart();
    while (!condition()) {
      REQUIRE_MESSAGE(std::chrono::steady_clock::now() < limit, "took too long");
      REQUIRE_MESSAGE(io.run_one_until(limit) > 0, "nothing left to wait for");
    }
  }

  template <class T>
  T finish(std::shared_ptr<Outcome<T>> outcome) {
    run_until([&] { return outcome->done; });
    return outcome->take();
  }
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    return finish(spawn(std::move(task)));
  }
  void run(boost::asio::awaitable<void> task) { finish(spawn(std::move(task))); }
};

// A listening socket on a port of the kernel's choice.
struct Listener {
  explicit Listener(boost::asio::io_context& io)
      : acceptor(io, {boost::asio::ip::address_v4::loopback(), 0}) {}
  std::string port() const { return std::to_string(acceptor.local_endpoint().port()); }
  std::string url(const std::string& scheme = "ws") const {
    return scheme + "://127.0.0.1:" + port() + "/ws/chat";
  }
  boost::asio::ip::tcp::acceptor acceptor;
};

// The code of the Error that `action` throws.
template <class Action>
ErrorCode code_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error was thrown");
  return ErrorCode::kInternal;
}

}  // namespace wasync::testing

namespace doctest {
template <>
struct StringMaker<wasync::ErrorCode> {
  static String convert(wasync::ErrorCode code) {
    const std::string text(wasync::name(code));
    return String(text.data(), static_cast<String::size_type>(text.size()));
  }
};
}  // namespace doctest
