#include "session/unlink.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>

#include "base/error.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Ends the stream with the outcome, which is what run() then throws: kInterrupted when the
// device was removed.
asio::awaitable<void> remove(std::shared_ptr<Stream> stream, Jid device) {
  try {
    Node target("remove-companion-device",
                {{"jid", std::move(device)}, {"reason", "user_initiated"}});
    Node request("iq", {{"to", server_jid()}, {"type", "set"}, {"xmlns", "md"}},
                 std::vector<Node>{std::move(target)});
    co_await stream->query(std::move(request));
    stream->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "unlinked")));
  } catch (...) {
    stream->close(std::current_exception());
  }
}

}  // namespace

asio::awaitable<void> unlink_device(SessionOptions options, Device device) {
  const auto executor = co_await asio::this_coro::executor;
  Bytes payload = login_payload(options.companion, device);
  auto connection = co_await Connection::connect(options.endpoint, device.noise, std::move(payload),
                                                 options.connect_timeout);
  const auto stream = std::make_shared<Stream>(executor, std::move(connection), options.timings);
  asio::steady_timer deadline(executor, options.timings.iq_timeout);
  deadline.async_wait([stream](boost::system::error_code cancelled) {
    if (!cancelled) {
      stream->close(std::make_exception_ptr(
          Error(ErrorCode::kTimeout, "WhatsApp did not answer the request to unlink")));
    }
  });
  try {
    co_await stream->run([&](const Node& node) {
      if (node.tag == "success")
        asio::co_spawn(executor, remove(stream, device.jid), asio::detached);
    });
  } catch (const Error& error) {
    // The server may end the stream of a removed device before it answers.
    if (error.code() != ErrorCode::kInterrupted && error.code() != ErrorCode::kLoggedOut) throw;
  }
}

}  // namespace wasync
