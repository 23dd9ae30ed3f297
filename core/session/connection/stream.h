// One connection's conversation in stanzas: IQ requests matched with their answers under
// deadlines, keep-alive, and everything else handed to the owner in the order it arrived.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/jid.h"
#include "base/wake.h"
#include "wire/connection.h"
#include "wire/node.h"

namespace wasync {

struct StreamTimings {
  std::chrono::milliseconds iq_timeout{60'000};
  // Pings go out at a random moment between these, so that many accounts do not ping at once.
  std::chrono::milliseconds keep_alive_min{20'000};
  std::chrono::milliseconds keep_alive_max{30'000};
  std::chrono::milliseconds keep_alive_timeout{10'000};
  // How long the server may give nothing of what waited before it is asked again.
  std::chrono::milliseconds offline_patience{5'000};
  // Names that are missing are asked for: first so long after the login, then so often, and with
  // this pause between two questions.
  std::chrono::milliseconds names_after{5'000};
  std::chrono::milliseconds names_every{10 * 60'000};
  std::chrono::milliseconds names_pause{2'000};
  // That the server still answers is written down no more often than this.
  std::chrono::milliseconds alive_mark{60'000};
  // What did not decrypt may come again from its sender before the phone is asked.
  std::chrono::milliseconds ask_phone_after{5'000};
  // Between two looks at our pre-keys while online.
  std::chrono::milliseconds pre_key_check{6 * 3'600'000};
  // A signed pre-key that is older is replaced. The store keeps the last four: what was begun
  // within three weeks can still be opened, and while we are offline nothing rotates.
  std::chrono::seconds signed_pre_key_lifetime{604'800};
};

// The server's answer to a ping.
struct Pong {
  std::chrono::milliseconds round_trip{0};
  UnixSeconds server_time{};  // unknown: it told none
};

// Used from one io_context thread; held by shared_ptr because its coroutines outlive the
// calls that start them.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Handler = std::function<void(const Node&)>;
  using GroupHandler = std::function<void(std::span<const Node>)>;

  Stream(boost::asio::any_io_executor executor, std::unique_ptr<Connection> connection,
         StreamTimings timings = {});

  // Receives until the connection ends, then fails all open queries and throws the reason:
  // what the server said (stream:error, failure), else what `close` was given, else
  // Error(kNetwork). Every node that is not the answer to a query goes to `handler`, which
  // must not block; an exception from it ends the stream with that exception, and nothing
  // that the handler did not send is sent.
  boost::asio::awaitable<void> run(Handler handler);
  // The same, with all that has already come at once, so that it can be stored together: up to
  // 64 stanzas or 1 MiB, in their order. An <iq> always comes alone.
  boost::asio::awaitable<void> run_groups(GroupHandler handler);

  // Sends the IQ (an `id` is added) and waits for its result, which must come from whom the
  // IQ is for. Throws Error(kServerRefused) for an answer of type "error", kTimeout, or
  // kNetwork when the stream ends first or has ended.
  boost::asio::awaitable<Node> query(Node iq);

  // Returns when the server has read everything that was sent before; throws like `query`, but not
  // kServerRefused: an error answer is an answer.
  boost::asio::awaitable<void> ping();
  boost::asio::awaitable<Pong> ping(std::chrono::milliseconds timeout);

  // Queues a node; order is kept. A failure ends the stream, so it is not reported here.
  void send(const Node& node);

  // Pings until the stream ends; ends it with Error(kTimeout) when the server neither
  // answers in time nor sends anything else meanwhile. `on_alive` is called each time it did.
  boost::asio::awaitable<void> keep_alive(std::function<void()> on_alive = {});

  // Ends the stream; run() throws `reason`. Idempotent: the first reason stands.
  void close(const std::exception_ptr& reason);
  // The same, once `last` is on its way or cannot be sent any more.
  void close_after(const Node& last, const std::exception_ptr& reason);

  std::string next_id();
  bool is_open() const { return connection_->is_open(); }
  // Ended by the server with the demand to come back at once (stream error 515).
  bool restart_demanded() const { return restart_demanded_; }

 private:
  struct Pending {
    Pending(const boost::asio::any_io_executor& executor, Jid asked)
        : answered(executor), to(std::move(asked)) {}
    Wake answered;  // or will not be
    Jid to;
    std::optional<Node> answer{};
    bool ended = false;
  };

  boost::asio::awaitable<Node> receive();
  std::optional<Node> receive_waiting();
  void leave_out_unreadable(const Error& error);
  struct Burst {
    std::vector<Node> group{};
    std::optional<Node> behind{};  // an <iq>, or the end of the stream
  };
  boost::asio::awaitable<void> let_read();
  Burst gather(Node first);
  boost::asio::awaitable<Error> receive_until_told(const GroupHandler& handler);
  boost::asio::awaitable<Node> query(Node iq, std::chrono::milliseconds timeout);
  boost::asio::awaitable<void> check_alive();
  bool answer_query(Node& node);
  void fail_queries();
  void sending_failed(const std::exception_ptr& reason);

  boost::asio::any_io_executor executor_;
  std::unique_ptr<Connection> connection_;
  StreamTimings timings_;
  std::unordered_map<std::string, std::shared_ptr<Pending>> pending_;
  std::exception_ptr close_reason_;
  bool ended_ = false;
  bool restart_demanded_ = false;
  std::uint64_t received_ = 0;
  int unreadable_ = 0;
  Wake closed_;
  std::string id_prefix_;
  std::uint64_t id_counter_ = 0;
};

}  // namespace wasync
