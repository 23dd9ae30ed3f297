// One connection of a client, from its first node to its last.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "sim/link_code.h"
#include "sim/offline_queue.h"
#include "sim/passkey.h"
#include "sim/phone.h"
#include "wire/connection.h"
#include "wire/node.h"

namespace wasync::pb {
class ClientPayload;
}

namespace wasync::sim {

class World;
struct Companion;

class ClientSession {
 public:
  ClientSession(World& world, std::unique_ptr<Connection> connection,
                boost::asio::any_io_executor executor);
  ~ClientSession();
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // Serves the client until it leaves or is sent away. Throws nothing.
  boost::asio::awaitable<void> run();

  // Queues a node; a connection that breaks meanwhile is noticed by run().
  void push(const Node& node);
  // What is for its companion, which is active here.
  void deliver(Node stanza) { offline_queue_->deliver(std::move(stanza)); }
  // Its companion has acked a stanza.
  void acknowledged() {
    if (offline_queue_) offline_queue_->flow();
  }
  void drop();  // cuts TCP
  // A stream error or login failure. The client closes; if it does not in time, we do.
  void end_with(const Node& node);

  // The user's phone scanned this connection's QR code. Throws Error(kProtocol) when the code is
  // not what the client registered with.
  void pair(World& user, const ScannedQr& qr);
  // The user typed a code on the phone. False when this connection shows none.
  bool enter_code(const std::string& code);
  // The user compared the code that came behind a passkey with the phone's. False when the phone
  // shows another, or none.
  bool compare_passkey_code(const std::string& code);
  // The service wants another code to be shown. Likewise.
  bool refresh_code();

  // Its device was unlinked: tells it so. The caller erases the companion.
  void remove_companion();

  World& world() const { return *world_; }
  Companion* companion() const { return companion_; }
  const Connection& connection() const { return *connection_; }

 private:
  boost::asio::awaitable<void> serve();
  void begin_registration(const pb::ClientPayload& payload);
  void begin_login(const pb::ClientPayload& payload);
  void refuse(const std::string& reason);
  void receive(const Node& node);
  void receive_iq(const Node& iq);
  // Sends pair-success.
  void succeed(BytesView adv_secret);
  // Retires the secret of the QR code; `child` is how the service words it.
  void refresh_registration(const std::string& child);
  // `known_secret`: what the phone has from a code, if anything.
  void demand_passkey(BytesView known_secret);
  // Whether it was a query of linking with a passkey.
  bool receive_passkey(const Node& iq);
  void finish_passkey();
  void receive_pairing_answer(const Node& iq);
  void receive_link_code(const Node& iq, const Node& link);
  void receive_message(const Node& message);
  void receive_ack(const Node& ack);
  void receive_info(const Node& info);
  void receive_receipt(const Node& receipt);
  void acknowledge(const Node& node, const std::string& stanza_class, int error = 0);
  void become_active();

  // Whose device this is; the first user until that is known.
  World* world_;
  std::shared_ptr<Connection> connection_;
  bool one_way_ = false;  // it brings the companion nothing any more
  bool leaving_ = false;  // the last node was sent; nothing is heard any more
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer time_to_leave_;

  // While it waits to be paired: the device it would become.
  struct Registration {
    std::unique_ptr<Companion> device;
    std::vector<std::string> refs;
    Bytes retired_secret;                // of the QR code that was scanned before a refresh
    std::optional<LinkCode> link_code;   // once the client asked to pair so
    std::optional<PasskeyLink> passkey;  // once it is demanded
    std::string pair_success_id;         // empty until scanned
    Bytes signed_identity;               // what the phone offered
  };
  std::optional<Registration> registration_;
  Companion* companion_ = nullptr;             // once logged in
  std::optional<OfflineQueue> offline_queue_;  // once active
  int pushed_ = 0;
};

}  // namespace wasync::sim
