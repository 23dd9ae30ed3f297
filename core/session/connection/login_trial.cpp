#include "session/connection/login_trial.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <optional>

#include "base/deadline.h"
#include "base/error.h"
#include "session/connection/outdated_version.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Trial {
  std::shared_ptr<Stream> stream;
  Clock::time_point deadline;
  bool logged_in = false;
  UnixSeconds server_time{};
  std::optional<Pong> pong{};

  milliseconds left() const {
    return std::max(milliseconds(1),
                    std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
  }
};

// Ends the stream with the outcome, which is what run() then throws: kInterrupted when the server
// answered.
asio::awaitable<void> ping(std::shared_ptr<Trial> trial) {
  try {
    trial->pong = co_await trial->stream->ping(trial->left());
    trial->stream->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "answered")));
  } catch (...) {
    trial->stream->close(std::current_exception());
  }
}

void take(const std::shared_ptr<Trial>& trial, const asio::any_io_executor& executor,
          const Node& node) {
  if (node.tag != "success" || trial->logged_in) return;
  trial->logged_in = true;
  trial->server_time = node.time("t");
  asio::co_spawn(executor, ping(trial), asio::detached);
}

}  // namespace

asio::awaitable<Pong> try_login(SessionOptions options, Device device, milliseconds patience) {
  const auto executor = co_await asio::this_coro::executor;
  const auto deadline = Clock::now() + patience;
  options.endpoint.routing_info = device.routing_info;
  Bytes payload = login_payload(options.companion, device);
  auto connection =
      co_await Connection::connect(options.endpoint, device.noise, std::move(payload), patience);
  const auto trial = std::make_shared<Trial>(
      Trial{.stream = std::make_shared<Stream>(executor, std::move(connection), options.timings),
            .deadline = deadline});
  const Deadline silence(executor, deadline, [stream = trial->stream] {
    stream->close(std::make_exception_ptr(
        Error(ErrorCode::kTimeout, Phrase{"WhatsApp did not answer the login in time",
                                          "WhatsApp nu a răspuns la timp la autentificare"})));
  });
  const std::function<void(const Node&)> on_stanza = [trial, executor](const Node& node) {
    take(trial, executor, node);
  };
  try {
    co_await trial->stream->run(on_stanza);
  } catch (const Error& error) {
    if (!trial->pong || error.code() != ErrorCode::kInterrupted)
      std::rethrow_exception(with_version(std::current_exception(), options.companion));
  }
  if (!trial->pong)
    throw Error(ErrorCode::kNetwork,
                Phrase{"WhatsApp ended the connection", "WhatsApp a închis conexiunea"});
  if (!trial->pong->server_time.known()) trial->pong->server_time = trial->server_time;
  co_return *trial->pong;
}

}  // namespace wasync
