#include "session/stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/crypto.h"
#include "base/error.h"
#include "session/stream_end.h"

namespace wasync {
namespace asio = boost::asio;

Stream::Stream(asio::any_io_executor executor, std::unique_ptr<Connection> connection,
               StreamTimings timings)
    : executor_(std::move(executor)),
      connection_(std::move(connection)),
      timings_(timings),
      keep_alive_timer_(executor_),
      id_prefix_(hex_encode(random_bytes(4)) + ".") {}

std::string Stream::next_id() {
  return id_prefix_ + std::to_string(++id_counter_);
}

asio::awaitable<void> Stream::run(Handler handler) {
  const auto self = shared_from_this();
  std::exception_ptr reason;
  try {
    while (true) {
      Node node = co_await connection_->receive();
      if (answer_query(node)) continue;
      if (auto end = stream_end(node)) throw Error(*std::move(end));
      handler(node);
    }
  } catch (...) {
    reason = close_reason_ ? close_reason_ : std::current_exception();
  }
  close(reason);
  fail_queries();
  std::rethrow_exception(reason);
}

bool Stream::answer_query(Node& node) {
  if (node.tag != "iq") return false;
  const std::string type = node.text("type");
  if (type != "result" && type != "error") return false;
  const auto found = pending_.find(node.text("id"));
  if (found == pending_.end()) return false;
  found->second->answer = std::move(node);
  found->second->timer.cancel();
  pending_.erase(found);
  return true;
}

void Stream::fail_queries() {
  for (auto& [id, pending] : pending_) {
    pending->ended = true;
    pending->timer.cancel();
  }
  pending_.clear();
}

asio::awaitable<Node> Stream::query(Node iq) {
  return query(std::move(iq), timings_.iq_timeout);
}

asio::awaitable<Node> Stream::query(Node iq, std::chrono::milliseconds timeout) {
  const auto self = shared_from_this();
  const std::string id = next_id();
  const std::string what = iq.text("xmlns");
  iq.set("id", id);
  const auto pending = std::make_shared<Pending>(Pending{asio::steady_timer(executor_, timeout)});
  pending_.emplace(id, pending);
  send(iq);
  boost::system::error_code cancelled;
  co_await pending->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (pending->answer) {
    if (pending->answer->text("type") == "error") throw refused_query(what, *pending->answer);
    co_return std::move(*pending->answer);
  }
  if (pending->ended) {
    throw Error(ErrorCode::kNetwork,
                "the connection ended before WhatsApp answered \"" + what + "\"");
  }
  pending_.erase(id);
  throw Error(ErrorCode::kTimeout, "WhatsApp did not answer \"" + what + "\" in time",
              "check the network, then run the command again");
}

void Stream::send(const Node& node) {
  // The node is encoded and queued before send() first suspends, so order is the call order.
  asio::co_spawn(
      executor_,
      [](std::shared_ptr<Stream> self, asio::awaitable<void> sending) -> asio::awaitable<void> {
        try {
          co_await std::move(sending);
        } catch (...) {
          self->close(std::current_exception());
        }
      }(shared_from_this(), connection_->send(node)),
      asio::detached);
}

asio::awaitable<void> Stream::keep_alive() {
  const auto self = shared_from_this();
  try {
    while (is_open()) {
      const auto spread =
          static_cast<std::uint64_t>((timings_.keep_alive_max - timings_.keep_alive_min).count());
      keep_alive_timer_.expires_after(timings_.keep_alive_min +
                                      std::chrono::milliseconds(random_below(spread + 1)));
      boost::system::error_code cancelled;
      co_await keep_alive_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      if (cancelled || !is_open()) co_return;
      Node ping("iq", {{"to", server_jid()}, {"type", "get"}, {"xmlns", "w:p"}},
                std::vector<Node>{Node("ping")});
      co_await query(std::move(ping), timings_.keep_alive_timeout);
    }
  } catch (const Error& error) {
    // An error answer is an answer: the server lives.
    if (error.code() == ErrorCode::kServerRefused) co_return;
    close(std::current_exception());
  }
}

void Stream::close(std::exception_ptr reason) {
  if (!close_reason_) close_reason_ = reason;
  keep_alive_timer_.cancel();
  connection_->close();
}

}  // namespace wasync
