#include "base/wake.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wasync {
namespace asio = boost::asio;

// The parameters live in the coroutine: it needs the Wake no more.
asio::awaitable<void> Wake::wait_until(asio::any_io_executor executor,
                                       std::shared_ptr<Waiting> waiting, Clock::time_point time) {
  const auto own = waiting->emplace(waiting->end(), executor, time);
  boost::system::error_code woken;
  co_await own->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  waiting->erase(own);
}

}  // namespace wasync
