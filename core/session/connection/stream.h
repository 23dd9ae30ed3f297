// One connection's exchange of stanzas: matches IQ requests with their answers under deadlines,
// keeps the connection alive, and hands everything else to the owner in the order it arrived.
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
  // How long the server may give nothing of the offline queue before we ask again.
  std::chrono::milliseconds offline_patience{5'000};
  // We ask for missing names: first this long after the login, then this often, and with this pause
  // between two questions.
  std::chrono::milliseconds names_after{5'000};
  std::chrono::milliseconds names_every{10 * 60'000};
  std::chrono::milliseconds names_pause{2'000};
  // We write down that the server still answers, no more often than this.
  std::chrono::milliseconds alive_mark{60'000};
  // The sender may send again what did not decrypt. We wait this long before we ask the phone.
  std::chrono::milliseconds ask_phone_after{5'000};
  // The time between two checks of our pre-keys while online.
  std::chrono::milliseconds pre_key_check{6 * 3'600'000};
  // We replace a signed pre-key that is older than this. The store keeps the last four, so we can
  // still open what was begun within three weeks. While we are offline, nothing rotates.
  std::chrono::seconds signed_pre_key_lifetime{604'800};
};

// The server's answer to a ping.
struct Pong {
  std::chrono::milliseconds round_trip{0};
  UnixSeconds server_time{};  // unknown: the server gave none
};

// Used from one io_context thread; held by shared_ptr because its coroutines outlive the
// calls that start them.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Handler = std::function<void(const Node&)>;
  using GroupHandler = std::function<void(std::span<Node>)>;

  Stream(boost::asio::any_io_executor executor, std::unique_ptr<Connection> connection,
         StreamTimings timings = {});

  // Receives until the connection ends, then fails all open queries and throws the reason: what the
  // server said (stream:error, failure), else what `close` was given, else Error(kNetwork). Every
  // node that is not the answer to a query goes to `handler`, which must not block. When the
  // handler throws, the stream ends with that exception and sends only what the handler sent.
  boost::asio::awaitable<void> run(Handler handler);
  // The same, but passes together all stanzas that have already come, so that the handler can store
  // them together: up to 64 stanzas or 1 MiB, in their order. They are the handler's to change. An
  // <iq> always comes alone.
  boost::asio::awaitable<void> run_groups(GroupHandler handler);

  // Sends the IQ (adds an `id`) and waits for its result, which must come from the address that the
  // IQ is for. Throws Error(kServerRefused) for an answer of type "error", kTimeout, or kNetwork
  // when the stream ends first or has ended.
  boost::asio::awaitable<Node> query(Node iq);

  // Returns when the server has read everything sent before. Throws like `query`, but not
  // kServerRefused: an error answer is an answer too.
  boost::asio::awaitable<void> ping();
  boost::asio::awaitable<Pong> ping(std::chrono::milliseconds timeout);

  // Queues a node and keeps the order. A failure ends the stream, so send() does not report it.
  void send(const Node& node);

  // Pings until the stream ends. Ends it with Error(kTimeout) when the server neither answers in
  // time nor sends anything else meanwhile. Calls `on_alive` each time the server did.
  boost::asio::awaitable<void> keep_alive(std::function<void()> on_alive = {});

  // Ends the stream; run() throws `reason`. Idempotent: the first reason stands.
  void close(const std::exception_ptr& reason);
  // The same, once `last` is on its way or we cannot send it any more.
  void close_after(const Node& last, const std::exception_ptr& reason);

  std::string next_id();
  bool is_open() const { return connection_->is_open(); }
  // The server ended the stream and demanded that we come back at once (stream error 515).
  bool restart_demanded() const { return restart_demanded_; }

 private:
  struct Pending {
    Pending(const boost::asio::any_io_executor& executor, Jid asked)
        : answered(executor), to(std::move(asked)) {}
    Wake answered;  // or no answer will come
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
