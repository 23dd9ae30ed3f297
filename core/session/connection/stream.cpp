#include "session/connection/stream.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/crypto.h"
#include "base/log.h"
#include "session/connection/stream_end.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr int kMaxUnreadable = 100;
constexpr std::size_t kMostTogether = 256;
constexpr std::size_t kMostBytesTogether = 1024 * 1024;
// TLS, WebSocket and frames each take a turn or two.
constexpr int kTurnsForAFrame = 4;
// So soon after the host's sleep, during which timers stand still, is a dead connection noticed.
static_assert(StreamTimings{}.keep_alive_max + StreamTimings{}.keep_alive_timeout <
              std::chrono::minutes(1));

std::size_t content_size(const Node& node) {
  std::size_t size = node.bytes().size();
  for (const Node& child : node.children()) size += content_size(child);
  return size;
}

}  // namespace

Stream::Stream(asio::any_io_executor executor, std::unique_ptr<Connection> connection,
               StreamTimings timings)
    : executor_(std::move(executor)),
      connection_(std::move(connection)),
      timings_(timings),
      closed_(executor_),
      id_prefix_(hex_encode(random_bytes(4)) + ".") {}

std::string Stream::next_id() {
  return id_prefix_ + std::to_string(++id_counter_);
}

asio::awaitable<void> Stream::run(Handler handler) {
  const auto self = shared_from_this();
  GroupHandler each = [&handler](std::span<Node> group) {
    for (const Node& node : group) handler(node);
  };
  co_await run_groups(std::move(each));
}

asio::awaitable<void> Stream::run_groups(GroupHandler handler) {
  const auto self = shared_from_this();
  std::exception_ptr reason;
  try {
    const Error told = co_await receive_until_told(handler);
    reason = std::make_exception_ptr(told);
  } catch (...) {
    reason = close_reason_ ? close_reason_ : std::current_exception();
  }
  close(reason);
  ended_ = true;
  fail_queries();
  std::rethrow_exception(reason);
}

// Returns why the server ends the stream.
asio::awaitable<Error> Stream::receive_until_told(const GroupHandler& handler) {
  while (true) {
    Node first = co_await receive();
    co_await let_read();
    Burst burst = gather(std::move(first));
    if (!burst.group.empty()) handler(burst.group);
    if (burst.behind && !answer_query(*burst.behind)) {
      if (auto end = stream_end(*burst.behind)) {
        restart_demanded_ = demands_restart(*burst.behind);
        co_return *std::move(end);
      }
      handler({&*burst.behind, 1});
    }
    // A burst must not keep answers from going out or timers from running.
    co_await asio::post(executor_, asio::use_awaitable);
  }
}

// The connection reads frame by frame, each in a turn of the event loop: what the system holds
// already is read before anything is handled.
asio::awaitable<void> Stream::let_read() {
  int turns_without_news = 0;
  while (turns_without_news < kTurnsForAFrame && connection_->waiting() < kMostTogether) {
    const std::size_t before = connection_->waiting();
    co_await asio::post(executor_, asio::use_awaitable);
    turns_without_news = connection_->waiting() > before ? 0 : turns_without_news + 1;
  }
}

Stream::Burst Stream::gather(Node first) {
  Burst burst;
  std::size_t bytes = 0;
  std::optional<Node> next = std::move(first);
  while (next) {
    ++received_;
    if (next->tag == "iq" || stream_end(*next)) {
      burst.behind = std::move(next);
      break;
    }
    bytes += content_size(*next);
    burst.group.push_back(*std::move(next));
    if (burst.group.size() >= kMostTogether || bytes >= kMostBytesTogether) break;
    next = receive_waiting();
  }
  return burst;
}

asio::awaitable<Node> Stream::receive() {
  while (true) {
    try {
      co_return co_await connection_->receive();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kProtocol || !connection_->is_open()) throw;
      leave_out_unreadable(error);
    }
  }
}

std::optional<Node> Stream::receive_waiting() {
  while (true) {
    try {
      return connection_->receive_waiting();
    } catch (const Error& error) {
      // What ended the connection is said by the next receive().
      if (!connection_->is_open()) return std::nullopt;
      leave_out_unreadable(error);
    }
  }
}

// A single stanza that is no node says little about the next one: it is left out.
void Stream::leave_out_unreadable(const Error& error) {
  if (++unreadable_ > kMaxUnreadable) throw Error(error);
  log::warn("a stanza could not be read: {}", error.what());
}

bool Stream::answer_query(Node& node) {
  if (node.tag != "iq") return false;
  const std::string type = node.text("type");
  if (type != "result" && type != "error") return false;
  const auto found = pending_.find(node.text("id"));
  if (found == pending_.end()) return false;
  // Ids can be guessed; whom the server lets speak for another cannot.
  const Jid from = node.has("from") ? node.jid("from").value_or(Jid{}) : server_jid();
  if (from != found->second->to) {
    log::warn("an answer came from somebody else than was asked: {}", node.describe());
    return false;
  }
  found->second->answer = std::move(node);
  found->second->answered.notify();
  pending_.erase(found);
  return true;
}

void Stream::fail_queries() {
  for (auto& [id, pending] : pending_) {
    pending->ended = true;
    pending->answered.notify();
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
  const auto cut_off = [&what] {
    return Error(ErrorCode::kNetwork,
                 Phrase{"the connection ended before WhatsApp answered \"{}\"",
                        "conexiunea s-a închis înainte ca WhatsApp să răspundă la „{}”"}
                     .with(what));
  };
  if (ended_) throw cut_off();
  iq.set("id", id);
  const auto pending = std::make_shared<Pending>(executor_, iq.jid("to").value_or(Jid{}));
  pending_.emplace(id, pending);
  send(iq);
  co_await pending->answered.wait_for(timeout);
  if (pending->answer) {
    if (pending->answer->text("type") == "error") throw RefusedQuery(what, *pending->answer);
    co_return std::move(*pending->answer);
  }
  if (pending->ended) throw cut_off();
  pending_.erase(id);
  throw Error(
      ErrorCode::kTimeout,
      Phrase{"WhatsApp did not answer \"{}\" in time", "WhatsApp nu a răspuns la timp la „{}”"}
          .with(what),
      Phrase{"Check the network, then run the command again.",
             "Verifică rețeaua, apoi rulează din nou comanda."});
}

asio::awaitable<void> Stream::ping() {
  const auto self = shared_from_this();
  co_await ping(timings_.iq_timeout);
}

// The answer says what time it is there, as <success> does.
asio::awaitable<Pong> Stream::ping(std::chrono::milliseconds timeout) {
  using std::chrono::steady_clock;
  const auto self = shared_from_this();
  Node request("iq", {{"to", server_jid()}, {"type", "get"}, {"xmlns", "w:p"}},
               std::vector<Node>{Node("ping")});
  const auto begun = steady_clock::now();
  Pong pong;
  try {
    const Node answer = co_await query(std::move(request), timeout);
    pong.server_time = answer.time("t");
    learn_time(pong.server_time);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kServerRefused) throw;
  }
  pong.round_trip =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun);
  co_return pong;
}

void Stream::send(const Node& node) {
  // The node is encoded and queued before this returns, so order is the order of calls.
  try {
    asio::co_spawn(
        executor_,
        [](std::shared_ptr<Stream> self, asio::awaitable<void> sending) -> asio::awaitable<void> {
          try {
            co_await std::move(sending);
          } catch (...) {
            self->sending_failed(std::current_exception());
          }
        }(shared_from_this(), connection_->send(node)),
        asio::detached);
  } catch (...) {
    sending_failed(std::current_exception());
  }
}

// A broken connection shows in receive() too, behind what the server said before it broke,
// and that may be why.
void Stream::sending_failed(const std::exception_ptr& reason) {
  if (connection_->is_open()) close(reason);
}

asio::awaitable<void> Stream::keep_alive(std::function<void()> on_alive) {
  const auto self = shared_from_this();
  try {
    while (is_open()) {
      const auto spread = static_cast<std::uint64_t>(
          std::max(timings_.keep_alive_max - timings_.keep_alive_min, {}).count());
      co_await closed_.wait_for(timings_.keep_alive_min +
                                std::chrono::milliseconds(random_below(spread + 1)));
      if (!is_open()) co_return;
      co_await check_alive();
      if (on_alive) on_alive();
    }
  } catch (...) {
    close(std::current_exception());
  }
}

asio::awaitable<void> Stream::check_alive() {
  const std::uint64_t received_before = received_;
  try {
    co_await ping(timings_.keep_alive_timeout);
  } catch (const Error& error) {
    // The answer may be behind much that came first: then the server is not silent.
    if (error.code() != ErrorCode::kTimeout || received_ == received_before) throw;
  }
}

void Stream::close(const std::exception_ptr& reason) {
  if (!close_reason_) close_reason_ = reason;
  connection_->close();
  closed_.notify();
}

void Stream::close_after(const Node& last, const std::exception_ptr& reason) {
  try {
    asio::co_spawn(
        executor_,
        [](std::shared_ptr<Stream> self, asio::awaitable<void> sending,
           std::exception_ptr why) -> asio::awaitable<void> {
          try {
            co_await std::move(sending);
          } catch (const std::exception& error) {
            log::debug("the last stanza was not sent: {}", error.what());
          }
          self->close(why);
        }(shared_from_this(), connection_->send(last), reason),
        asio::detached);
  } catch (...) {
    close(reason);
  }
}

}  // namespace wasync
