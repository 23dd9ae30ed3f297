// Asking Firestore from a coroutine that must not block.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/wake.h"
#include "firestore/client_thread.h"

namespace wasync {

// Runs `job` on that thread and waits for it, on `executor`. Throws what it throws, and
// Error(kInterrupted) when the thread ends meanwhile and drops it.
template <typename Result>
boost::asio::awaitable<Result> ask_firestore(boost::asio::any_io_executor executor,
                                             firestore::ClientThread& thread,
                                             std::function<Result(firestore::Client&)> job) {
  namespace asio = boost::asio;
  struct Call {
    explicit Call(const asio::any_io_executor& on) : ended(on) {}
    Wake ended;
    bool over = false;
    std::optional<Result> result{};
    std::exception_ptr failure{};
  };
  const auto call = std::make_shared<Call>(executor);
  // Tells when the job is gone, done or not.
  std::shared_ptr<void> finished(nullptr, [executor, call](void*) {
    asio::post(executor, [call] {
      call->over = true;
      call->ended.notify();
    });
  });
  thread.call([call, job, finished = std::move(finished)](firestore::Client& client) {
    try {
      call->result = job(client);
    } catch (...) {
      call->failure = std::current_exception();
    }
  });
  while (!call->over) co_await call->ended.wait();
  if (call->failure) std::rethrow_exception(call->failure);
  if (!call->result) throw Error(ErrorCode::kInterrupted, "nobody asks Firestore any more");
  co_return *std::move(call->result);
}

}  // namespace wasync
