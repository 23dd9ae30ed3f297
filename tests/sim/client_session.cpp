#include "sim/client_session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "proto/client_payload.pb.h"
#include "sim/client_messages.h"
#include "sim/iq.h"
#include "sim/load.h"
#include "sim/phone.h"
#include "sim/routing.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

// What a client may take to leave once it was told that this is the end. The real service waits
// longer; a busy machine needs some seconds.
constexpr std::chrono::seconds kTimeToLeave{10};
constexpr std::uint64_t kWeekMs = 7ULL * 86'400'000;

Node failure(const std::string& reason) {
  return Node("failure", {{"reason", reason}, {"location", "sim"}});
}

}  // namespace

ClientSession::ClientSession(World& world, std::unique_ptr<Connection> connection,
                             boost::asio::any_io_executor executor)
    : world_(&world),
      connection_(std::move(connection)),
      executor_(std::move(executor)),
      time_to_leave_(executor_) {
  world_->sessions.insert(this);
  ++world_->journal.connections;
}

ClientSession::~ClientSession() {
  if (registration_)
    for (const std::string& ref : registration_->refs) world_->service.waiting.erase(ref);
  if (companion_ != nullptr && companion_->active == this) companion_->active = nullptr;
  world_->sessions.erase(this);
}

boost::asio::awaitable<void> ClientSession::run() {
  try {
    co_await serve();
  } catch (const std::exception& error) {
    world_->log(std::string("connection ended: ") + error.what());
  }
  connection_->close();
}

boost::asio::awaitable<void> ClientSession::serve() {
  pb::ClientPayload payload;
  if (!payload.ParseFromString(to_string(connection_->client_payload())))
    throw Error(ErrorCode::kProtocol, "the client payload is no protobuf");
  const auto& version = payload.user_agent().app_version();
  world_->journal.web_version = std::to_string(version.primary()) + "." +
                                std::to_string(version.secondary()) + "." +
                                std::to_string(version.tertiary());
  if (world_->faults.on("version-cut-off") &&
      version.tertiary() < static_cast<unsigned>(world_->faults.number("version-cut-off", 0)))
    refuse("405");
  else if (payload.has_device_pairing_data())
    begin_registration(payload);
  else
    begin_login(payload);
  while (true) {
    const Node node = co_await connection_->receive();
    world_->log("<- " + node.describe());
    if (!leaving_) receive(node);
  }
}

void ClientSession::push(const Node& node) {
  if (leaving_ || !connection_->is_open()) return;
  world_->log("-> " + node.describe());
  try {
    boost::asio::co_spawn(executor_, connection_->send(node), boost::asio::detached);
  } catch (const Error& error) {
    world_->log(std::string("not sent: ") + error.what());
  }
  if (companion_ == nullptr || !world_->faults.on("drop-after")) return;
  if (++pushed_ >= world_->faults.number("drop-after", 1)) {
    world_->faults.take("drop-after");
    drop();
  }
}

void ClientSession::drop() {
  connection_->abort();
}

void ClientSession::end_with(const Node& node) {
  if (leaving_ || !connection_->is_open()) return;
  leaving_ = true;
  if (companion_ != nullptr && companion_->active == this) companion_->active = nullptr;
  world_->log("-> " + node.describe());
  boost::asio::co_spawn(executor_, connection_->send(node), boost::asio::detached);
  // Closing is the client's, as with the real service: some drop what they have not looked at yet
  // when the connection closes, and this node with it.
  time_to_leave_.expires_after(kTimeToLeave);
  time_to_leave_.async_wait([connection = connection_](const auto& cancelled) {
    if (!cancelled) connection->close();
  });
}

void ClientSession::refuse(const std::string& reason) {
  end_with(failure(reason));
}

void ClientSession::begin_login(const pb::ClientPayload& payload) {
  if (world_->faults.on("refuse-login")) {
    refuse(std::to_string(world_->faults.number("refuse-login", 401)));
    return;
  }
  World* user = world_->service.user(std::to_string(payload.username()));
  if (user != nullptr) world_ = user;
  const auto found = world_->companions.find(static_cast<std::uint16_t>(payload.device()));
  if (user == nullptr || found == world_->companions.end() ||
      found->second->noise_key != connection_->peer_static()) {
    refuse("401");
    return;
  }
  companion_ = found->second.get();
  for (ClientSession* other : std::set<ClientSession*>(world_->sessions)) {
    if (other == this || other->companion() != companion_) continue;
    Node conflict("stream:error");
    conflict.content = std::vector<Node>{Node("conflict", {{"type", "replaced"}})};
    other->end_with(conflict);
  }
  ++world_->journal.logins;
  const std::string now = std::to_string(UnixSeconds::now().value);
  push(Node("success", {{"t", now},
                        {"location", "sim"},
                        {"lid", world_->companion_lid(*companion_)},
                        {"display_name", world_->dataset.owner.push_name},
                        {"creation", "1500000000"}}));
  // A hint that the client puts in front of its next handshake.
  Node edge("edge_routing");
  edge.content = std::vector<Node>{Node("routing_info", {}, Bytes{8, 8, 8, 2})};
  Node ib("ib", {{"from", server_jid()}});
  ib.content = std::vector<Node>{std::move(edge)};
  push(ib);
  if (world_->faults.on("client-expiration")) {
    const int days = world_->faults.number("client-expiration", 14);
    const std::int64_t until = UnixSeconds::now().value + days * std::int64_t{86'400};
    Node warning("ib", {{"from", server_jid()}});
    warning.content = std::vector<Node>{Node("client_expiration", {{"t", std::to_string(until)}})};
    push(warning);
  }
  if (!payload.passive()) become_active();
}

void ClientSession::become_active() {
  if (companion_->active != this) {
    companion_->active = this;
    offline_queue_.emplace(*companion_, world_->faults, [this](const Node& node) {
      one_way_ = one_way_ || world_->faults.take("one-way");
      if (!one_way_) push(node);
    });
    offline_queue_->begin();
  }
  send_history(*world_, *companion_);
  if (world_->load) world_->load->resume();
}

void ClientSession::receive(const Node& node) {
  if (node.tag == "iq") {
    receive_iq(node);
  } else if (node.tag == "ack") {
    Journal::add(world_->journal.acks, node);
    if (companion_ != nullptr) receive_ack(node);
  } else if (node.tag == "receipt") {
    Journal::add(world_->journal.receipts, node);
    if (companion_ != nullptr) receive_receipt(node);
    acknowledge(node, "receipt");
  } else if (node.tag == "message") {
    receive_message(node);
  }
  if (node.tag == "ib") receive_info(node);
  // presence and chatstate need no answer.
}

void ClientSession::receive_ack(const Node& ack) {
  if (ack.has("error")) {
    if (offline_queue_) offline_queue_->refused(ack);
  } else if (!world_->is_own_copy(*companion_, ack.text("class"), ack.text("id"))) {
    world_->acknowledged(*companion_, ack.text("class"), ack.text("id"));
  }
}

void ClientSession::receive_info(const Node& info) {
  if (const Node* session = info.child("unified_session")) {
    ++world_->journal.unified_sessions;
    if (session->number("id").value_or(kWeekMs) >= kWeekMs)
      Journal::add(world_->journal.complaints, std::string("a unified_session that no week has"));
  }
  const Node* batch = info.child("offline_batch");
  if (batch == nullptr || !offline_queue_) return;
  ++world_->journal.offline_batches;
  offline_queue_->ask(batch->number("count").value_or(0));
}

void ClientSession::receive_receipt(const Node& receipt) {
  const std::string type = receipt.text("type");
  // Who could not read a message acks it besides.
  if (type != "retry") {
    world_->acknowledged(*companion_, "message", receipt.text("id"));
    if (const Node* list = receipt.child("list"))
      for (const Node& item : list->children())
        world_->acknowledged(*companion_, "message", item.text("id"));
  }
  if (type == "server-error") receive_server_error(*world_, *companion_, receipt);
  if (!route_receipt(*world_, *companion_, receipt) && type == "retry")
    receive_retry_receipt(*world_, *companion_, receipt);
}

void ClientSession::receive_iq(const Node& iq) {
  const std::string type = iq.text("type");
  if (type == "result" || type == "error") {
    if (registration_) receive_pairing_answer(iq);
    world_->ping_times.answered(iq.text("id"));
    return;
  }
  ++world_->journal.queries[iq.text("xmlns")];
  if (world_->faults.on("silent")) return;
  if (world_->faults.on("hold-app-state") && iq.text("xmlns") == "w:sync:app:state" && companion_) {
    world_->held_queries.emplace_back(companion_->number, iq);
    return;
  }
  if (const Node* link = registration_ ? iq.child("link_code_companion_reg") : nullptr) {
    receive_link_code(iq, *link);
    return;
  }
  if (receive_passkey(iq)) return;
  push(answer_iq(*world_, companion_, iq));
  if (companion_ == nullptr) return;
  if (iq.text("xmlns") == "passive") {
    if (iq.child("active") != nullptr)
      become_active();
    else if (companion_->active == this)
      companion_->active = nullptr;
  }
  if (iq.text("xmlns") == "encrypt" && companion_->active == this)
    send_history(*world_, *companion_);
  if (iq.text("xmlns") == "md" && iq.child("remove-companion-device") != nullptr) {
    const std::uint16_t number = companion_->number;
    remove_companion();
    unlink(*world_, number);
  }
}

void ClientSession::remove_companion() {
  companion_ = nullptr;
  Node removed("stream:error", {{"code", "401"}});
  removed.content = std::vector<Node>{Node("conflict", {{"type", "device_removed"}})};
  end_with(removed);
}

void ClientSession::receive_message(const Node& message) {
  if (companion_ == nullptr) return;
  Journal::add(world_->journal.messages, message);
  const bool to_own_phone = message.jid("to").value_or(Jid{}).user == world_->dataset.owner.phone &&
                            message.text("category") == "peer";
  if (to_own_phone && world_->faults.on("ack-error")) {
    acknowledge(message, "message", world_->faults.number("ack-error", 479));
    return;
  }
  acknowledge(message, "message");
  route_message(*world_, *companion_, message);
  receive_client_message(*world_, *companion_, message);
}

void ClientSession::acknowledge(const Node& node, const std::string& stanza_class, int error) {
  Node ack("ack", {{"class", stanza_class}, {"id", node.text("id")}});
  if (const auto to = node.jid("to")) ack.set("from", *to);
  if (const auto participant = node.jid("participant")) ack.set("participant", *participant);
  if (stanza_class == "receipt" && node.has("type")) ack.set("type", node.text("type"));
  ack.set("t", std::to_string(UnixSeconds::now().value));
  if (error != 0) ack.set("error", std::to_string(error));
  push(ack);
}

}  // namespace wasync::sim
