// One linked device while it is online: logs in, keeps the server supplied with pre-keys,
// stores what arrives, answers every stanza.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/wake.h"
#include "session/connection/dial.h"
#include "session/connection/live_connection.h"
#include "session/connection/media_conn.h"
#include "session/connection/offline_queue.h"
#include "session/connection/session_options.h"
#include "session/connection/stream.h"
#include "session/device/device.h"
#include "session/receive/awaited_messages.h"
#include "session/receive/rhythm.h"
#include "session/receive/stanza_receiver.h"
#include "signal/store.h"

namespace wasync {

class Database;
struct Account;

struct SessionEvents {
  std::function<void()> on_ready;                 // logged in and receiving
  std::function<void()> on_history_queued;        // the queue has a new item
  std::function<void(std::uint64_t)> on_message;  // this many messages reached the inbox
  std::function<void()> on_app_state;             // collections may be wanted: app_state/sync.h
  std::function<void(const FailedRequest&)> on_request_failed{};  // to our phone: no answer comes
  std::function<void()> on_generation{};  // it was raised, and that is committed: generation.h
};

// One connection's lifetime: call run() once, then make a new Session. Used from one io_context
// thread; held by shared_ptr. Keeps a reference to the account's database, which must be migrated
// and hold a device, and must live until run() has ended.
class Session : public LiveConnection, public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::any_io_executor executor, Database& database, SessionOptions options,
          SessionEvents events);

  // Connects, logs in and receives until the connection ends. Throws the reason, or what an event
  // threw. Marks the account connected and disconnected. Once it has thrown, the session no longer
  // touches the database or calls an event.
  boost::asio::awaitable<void> run();

  const Device& device() const override { return device_; }
  bool is_open() const override { return stream_ && stream_->is_open(); }
  boost::asio::awaitable<Node> query(Node iq) override;
  void send(const Node& node) override;
  boost::asio::awaitable<void> confirm_sent() override;
  std::optional<Node> seal_for_phone(const pb::Message& content) override;
  boost::asio::awaitable<void> look_up_people(std::vector<Jid> people) override;
  boost::asio::awaitable<MediaServers> media_servers() override;

  // Asks the server for a sign of life. Throws Error kNetwork or kTimeout.
  boost::asio::awaitable<Pong> ping(std::chrono::milliseconds timeout);
  // Makes run() throw `reason`.
  void close(const std::exception_ptr& reason);

  MessageCounts counts() const;
  UnixSeconds phone_heard_at() const { return receiver_.phone_heard_at(); }
  // When the newest stanza of use was sent, of this connection or an earlier one.
  UnixSeconds last_stanza_at() const { return rhythm_.heard_at; }
  // This connection brought one.
  bool brought_anything() const { return brought_anything_; }
  // We ended it because it answered and brought nothing for longer than the account is ever quiet.
  bool fell_silent() const { return fell_silent_; }
  // The server ended the stream and wants us back at once.
  bool restart_demanded() const { return stream_ && stream_->restart_demanded(); }

 private:
  void handle_group(std::span<Node> group);
  void store(std::span<const Node> stanzas);
  void widen_cache();
  void narrow_cache();
  void handle(const Node& node);
  void handle_success(const Node& node);
  void handle_info(const Node& node);
  void learn_route(const Node& edge_routing);
  void warn_of_expiration(UnixSeconds refused_from) const;
  void handle_iq(const Node& node);
  void handle_refusal(const Node& ack);
  void learn_own_lid(Jid lid);
  // Runs `work` beside the stream; an exception from it ends the stream.
  void start(boost::asio::awaitable<void> work);
  boost::asio::awaitable<void> all_ended();
  boost::asio::awaitable<void> after_login();
  boost::asio::awaitable<void> reach_phone();
  boost::asio::awaitable<void> begin_phone_session();
  boost::asio::awaitable<void> become_active();
  boost::asio::awaitable<void> replenish();
  boost::asio::awaitable<void> look_after_pre_keys();
  void await_content(const std::vector<std::int64_t>& rows);
  boost::asio::awaitable<void> look_after_names();
  boost::asio::awaitable<void> ask_for_names();
  boost::asio::awaitable<std::optional<Node>> ask_name(Node question, std::vector<Jid> about);
  boost::asio::awaitable<void> ask_phone();
  std::vector<AwaitedMessage> within_share(const std::vector<std::int64_t>& rows, UnixSeconds now);
  bool ask_phone_for(const std::vector<std::int64_t>& rows);
  void note_use(std::span<const Node> stanzas);
  void heard_pong();
  void mark(const std::function<void(Account&)>& change);
  void mark_alive();
  void mark_connected();
  void mark_disconnected(const std::exception_ptr& reason);
  // Throws Error(kNetwork) before there is a stream.
  const std::shared_ptr<Stream>& stream() const;

  boost::asio::any_io_executor executor_;
  Database& database_;
  SessionOptions options_;
  SessionEvents events_;
  SignalStore store_;
  Device device_;
  StanzaReceiver receiver_;
  Rhythm rhythm_;
  Rhythm stored_rhythm_;
  std::shared_ptr<Dial> dial_;
  std::shared_ptr<Stream> stream_;
  int running_ = 0;
  Wake work_ended_;
  Wake over_;
  bool logged_in_ = false;
  UnixSeconds logged_in_at_{};
  bool brought_anything_ = false;
  bool fell_silent_ = false;
  bool wide_cache_ = false;
  std::int64_t sent_refused_ = 0;
  std::int64_t asked_later_ = 0;  // messages beyond their sender's share, each time
  bool replenishing_ = false;
  std::chrono::steady_clock::time_point marked_alive_at_{};
  // Rows of AwaitedMessages and when to ask the phone for them, the earliest first.
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::int64_t>> to_ask_{};
  bool asking_ = false;
  MediaConn media_conn_;
  OfflineQueue offline_queue_;
};

}  // namespace wasync
