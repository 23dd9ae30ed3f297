#include "session/connection/dial.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

namespace wasync {
namespace asio = boost::asio;

Dial::Dial(const asio::any_io_executor& executor) : executor_(executor), changed_(executor) {}

asio::awaitable<std::unique_ptr<Connection>> Dial::run(Endpoint endpoint, KeyPair noise_static,
                                                       Bytes client_payload,
                                                       std::chrono::milliseconds timeout) {
  const auto self = shared_from_this();
  if (called_off_) std::rethrow_exception(called_off_);
  auto finished = [self](std::exception_ptr failure, std::unique_ptr<Connection> connection) {
    if (self->called_off_) return;  // nobody waits for it any more
    self->done_ = true;
    self->failure_ = std::move(failure);
    self->connection_ = std::move(connection);
    self->changed_.notify();
  };
  auto connecting =
      Connection::connect(std::move(endpoint), noise_static, std::move(client_payload), timeout);
  asio::co_spawn(executor_, std::move(connecting),
                 asio::bind_cancellation_slot(cancel_.slot(), std::move(finished)));
  while (!done_ && !called_off_) co_await changed_.wait();
  if (called_off_) std::rethrow_exception(called_off_);
  if (failure_) std::rethrow_exception(failure_);
  co_return std::move(connection_);
}

void Dial::call_off(std::exception_ptr reason) {
  if (called_off_) return;
  called_off_ = std::move(reason);
  cancel_.emit(asio::cancellation_type::terminal);
  changed_.notify();
}

}  // namespace wasync
