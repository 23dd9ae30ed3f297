// One linked device while it is online: logs in, keeps the server supplied with pre-keys,
// stores what arrives, answers every stanza.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "session/client_payload.h"
#include "session/device.h"
#include "session/message_receiver.h"
#include "session/stream.h"
#include "signal/store.h"
#include "wire/connection.h"

namespace wasync {

class Database;

struct SessionOptions {
  Endpoint endpoint;
  CompanionOptions companion;
  StreamTimings timings;
  std::chrono::milliseconds connect_timeout{30'000};
};

struct SessionEvents {
  std::function<void()> on_ready;           // logged in and receiving
  std::function<void()> on_history_queued;  // the queue has a new item
  std::function<void()> on_message;         // a message reached the inbox
};

// One connection's lifetime: run() once, then make a new one. Used from one io_context
// thread; held by shared_ptr. Keeps a reference to the account's database, which must be
// migrated and hold a device.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::any_io_executor executor, Database& database, SessionOptions options,
          SessionEvents events);

  // Connects, logs in and receives until the connection ends; throws why. Marks the
  // account connected and disconnected.
  boost::asio::awaitable<void> run();

  // Where blobs are downloaded from; asks the server when the last answer has expired.
  boost::asio::awaitable<std::vector<std::string>> media_hosts();

  void send(const Node& node) { stream_->send(node); }
  // Makes run() throw `reason`.
  void close(std::exception_ptr reason);

  const Device& device() const { return device_; }
  const MessageReceiver::Counts& counts() const { return receiver_.counts(); }

 private:
  void handle(const Node& node);
  void handle_success(const Node& node);
  void handle_message(const Node& node);
  void handle_info(const Node& node);
  boost::asio::awaitable<void> after_login();
  void mark_connected();
  void mark_disconnected(const std::exception_ptr& reason);

  boost::asio::any_io_executor executor_;
  Database& database_;
  SessionOptions options_;
  SessionEvents events_;
  SignalStore store_;
  Device device_;
  MessageReceiver receiver_;
  std::shared_ptr<Stream> stream_;
  std::exception_ptr closed_early_;
  bool logged_in_ = false;
  std::vector<std::string> media_hosts_;
  std::chrono::steady_clock::time_point media_hosts_expire_{};
};

}  // namespace wasync
