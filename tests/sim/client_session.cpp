#include "sim/client_session.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "proto/client_payload.pb.h"
#include "sim/client_messages.h"
#include "sim/iq.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

constexpr std::size_t kRefs = 6;

std::string new_ref() {
  // As the real ones: a version, then base64; never a comma, which separates the QR's fields.
  return "2@" + base64_encode(random_bytes(96));
}

Node failure(const std::string& reason) {
  return Node("failure", {{"reason", reason}, {"location", "sim"}});
}

}  // namespace

ClientSession::ClientSession(World& world, std::unique_ptr<Connection> connection,
                             boost::asio::any_io_executor executor)
    : world_(world), connection_(std::move(connection)), executor_(std::move(executor)) {
  world_.sessions.insert(this);
  ++world_.journal.connections;
}

ClientSession::~ClientSession() {
  if (registration_)
    for (const std::string& ref : registration_->refs) world_.waiting.erase(ref);
  if (companion_ != nullptr && companion_->active == this) companion_->active = nullptr;
  world_.sessions.erase(this);
}

boost::asio::awaitable<void> ClientSession::run() {
  try {
    co_await serve();
  } catch (const std::exception& error) {
    world_.log(std::string("connection ended: ") + error.what());
  }
  connection_->close();
}

boost::asio::awaitable<void> ClientSession::serve() {
  pb::ClientPayload payload;
  if (!payload.ParseFromString(to_string(connection_->client_payload())))
    throw Error(ErrorCode::kProtocol, "the client payload is no protobuf");
  if (payload.has_device_pairing_data())
    begin_registration(payload);
  else
    begin_login(payload);
  while (true) {
    const Node node = co_await connection_->receive();
    world_.log("<- " + node.describe());
    if (!leaving_) receive(node);
  }
}

void ClientSession::push(const Node& node) {
  if (leaving_ || !connection_->is_open()) return;
  world_.log("-> " + node.describe());
  try {
    boost::asio::co_spawn(executor_, connection_->send(node), boost::asio::detached);
  } catch (const Error& error) {
    world_.log(std::string("not sent: ") + error.what());
  }
  if (companion_ == nullptr || !world_.faults.on("drop-after")) return;
  if (++pushed_ >= world_.faults.number("drop-after", 1)) {
    world_.faults.take("drop-after");
    drop();
  }
}

void ClientSession::drop() {
  connection_->abort();
}

void ClientSession::close() {
  connection_->close();
}

void ClientSession::end_with(const Node& node) {
  if (leaving_ || !connection_->is_open()) return;
  leaving_ = true;
  world_.log("-> " + node.describe());
  boost::asio::co_spawn(
      executor_, connection_->send(node),
      [connection = connection_](const std::exception_ptr&) { connection->close(); });
}

void ClientSession::refuse(const std::string& reason) {
  end_with(failure(reason));
}

void ClientSession::begin_registration(const pb::ClientPayload& payload) {
  if (world_.faults.on("refuse-registration")) {
    refuse(std::to_string(world_.faults.number("refuse-registration", 405)));
    return;
  }
  const auto& data = payload.device_pairing_data();
  auto device = std::make_unique<Companion>();
  device->noise_key = connection_->peer_static();
  device->identity = public_key_from(as_bytes(data.e_ident()));
  device->registration_id = static_cast<std::uint32_t>(read_big_endian(as_bytes(data.e_regid())));
  device->signed_pre_key.id =
      static_cast<std::uint32_t>(read_big_endian(as_bytes(data.e_skey_id())));
  device->signed_pre_key.public_key = public_key_from(as_bytes(data.e_skey_val()));
  device->device_props = to_bytes(data.device_props());
  const std::string& signature = data.e_skey_sig();
  if (data.e_regid().size() != 4 || data.e_skey_id().size() != 3 ||
      data.e_keytype() != std::string(1, static_cast<char>(kCurve25519Type)) ||
      data.build_hash().size() != 16 ||
      !xeddsa_verify(device->identity, with_type_byte(device->signed_pre_key.public_key),
                     as_bytes(signature))) {
    Journal::add(world_.journal.complaints, std::string("registration data is invalid"));
    refuse("400");
    return;
  }
  std::copy_n(signature.begin(), signature.size(), device->signed_pre_key.signature.begin());

  registration_.emplace();
  registration_->device = std::move(device);
  Node pair_device("pair-device");
  std::vector<Node> refs;
  for (std::size_t i = 0; i < kRefs; ++i) {
    const std::string ref = new_ref();
    world_.waiting[ref] = this;
    registration_->refs.push_back(ref);
    refs.push_back(Node("ref", {}, to_bytes(ref)));
  }
  pair_device.content = std::move(refs);
  Node iq(
      "iq",
      {{"from", server_jid()}, {"type", "set"}, {"id", world_.next_stanza_id()}, {"xmlns", "md"}});
  iq.content = std::vector<Node>{std::move(pair_device)};
  push(iq);
}

void ClientSession::pair(const ScannedQr& qr) {
  if (!registration_ || !registration_->pair_success_id.empty())
    throw Error(ErrorCode::kProtocol, "this QR code was scanned already");
  Companion& device = *registration_->device;
  if (qr.noise_key != device.noise_key || qr.identity != device.identity)
    throw Error(ErrorCode::kProtocol, "the QR code's keys are not those of the connection");
  device.number = world_.next_device();
  device.key_index = device.number;
  registration_->signed_identity =
      sign_device(world_, device.identity, qr.adv_secret, device.key_index);
  registration_->pair_success_id = world_.next_stanza_id();

  Node success("pair-success");
  success.content = std::vector<Node>{Node("device-identity", {}, registration_->signed_identity),
                                      Node("device", {{"jid", world_.companion_jid(device)},
                                                      {"lid", world_.companion_lid(device)}}),
                                      Node("platform", {{"name", "android"}})};
  Node iq("iq", {{"from", server_jid()},
                 {"type", "set"},
                 {"id", registration_->pair_success_id},
                 {"t", std::to_string(UnixSeconds::now().value)},
                 {"xmlns", "md"}});
  iq.content = std::vector<Node>{std::move(success)};
  push(iq);
}

void ClientSession::receive_pairing_answer(const Node& iq) {
  if (iq.text("id") != registration_->pair_success_id || registration_->pair_success_id.empty())
    return;
  const Node* sign = iq.child("pair-device-sign");
  const Node* identity = sign == nullptr ? nullptr : sign->child("device-identity");
  if (iq.text("type") != "result" || identity == nullptr) {
    Journal::add(world_.journal.complaints, "pairing refused by the client: " + iq.describe());
    connection_->close();
    return;
  }
  const Companion& device = *registration_->device;
  if (identity->number("key-index") != device.key_index ||
      !verify_device_signature(world_, device.identity, registration_->signed_identity,
                               identity->bytes())) {
    Journal::add(world_.journal.complaints, std::string("invalid device signature"));
    refuse("401");
    return;
  }
  for (const std::string& ref : registration_->refs) world_.waiting.erase(ref);
  const std::uint16_t number = device.number;
  world_.companions[number] = std::move(registration_->device);
  registration_.reset();
  // The client restarts its connection and logs in.
  end_with(Node("stream:error", {{"code", "515"}}));
}

void ClientSession::begin_login(const pb::ClientPayload& payload) {
  if (world_.faults.on("refuse-login")) {
    refuse(std::to_string(world_.faults.number("refuse-login", 401)));
    return;
  }
  const auto found = world_.companions.find(static_cast<std::uint16_t>(payload.device()));
  if (std::to_string(payload.username()) != world_.dataset.owner.phone ||
      found == world_.companions.end() || found->second->noise_key != connection_->peer_static()) {
    refuse("401");
    return;
  }
  companion_ = found->second.get();
  for (ClientSession* other : std::set<ClientSession*>(world_.sessions)) {
    if (other == this || other->companion() != companion_) continue;
    Node conflict("stream:error");
    conflict.content = std::vector<Node>{Node("conflict", {{"type", "replaced"}})};
    other->end_with(conflict);
  }
  ++world_.journal.logins;
  const std::string now = std::to_string(UnixSeconds::now().value);
  push(Node("success", {{"t", now},
                        {"location", "sim"},
                        {"lid", world_.companion_lid(*companion_)},
                        {"display_name", world_.dataset.owner.push_name},
                        {"creation", "1500000000"}}));
  // A hint that the client puts in front of its next handshake.
  Node edge("edge_routing");
  edge.content = std::vector<Node>{Node("routing_info", {}, Bytes{8, 8, 8, 2})};
  Node ib("ib", {{"from", server_jid()}});
  ib.content = std::vector<Node>{std::move(edge)};
  push(ib);
  if (!payload.passive()) become_active();
}

void ClientSession::become_active() {
  if (companion_->active != this) {
    companion_->active = this;
    const std::string count = std::to_string(companion_->pending.size());
    Node preview("ib", {{"from", server_jid()}});
    preview.content = std::vector<Node>{Node("offline_preview", {{"count", count},
                                                                 {"message", count},
                                                                 {"notification", "0"},
                                                                 {"receipt", "0"},
                                                                 {"appdata", "0"}})};
    push(preview);
    const std::deque<Node> waiting = companion_->pending;
    for (Node stanza : waiting) {
      stanza.set("offline", "0");
      push(stanza);
    }
    Node done("ib", {{"from", server_jid()}});
    done.content = std::vector<Node>{Node("offline", {{"count", count}})};
    push(done);
  }
  send_history(world_, *companion_);
}

void ClientSession::receive(const Node& node) {
  if (node.tag == "iq") {
    receive_iq(node);
  } else if (node.tag == "ack") {
    Journal::add(world_.journal.acks, node);
    if (companion_ != nullptr) world_.acknowledged(*companion_, node.text("id"));
  } else if (node.tag == "receipt") {
    Journal::add(world_.journal.receipts, node);
    if (companion_ != nullptr) {
      world_.acknowledged(*companion_, node.text("id"));
      if (const Node* list = node.child("list"))
        for (const Node& item : list->children()) world_.acknowledged(*companion_, item.text("id"));
      if (node.text("type") == "retry") receive_retry_receipt(world_, *companion_, node);
    }
    acknowledge(node, "receipt");
  } else if (node.tag == "message") {
    receive_message(node);
  }
  // ib, presence and chatstate need no answer.
}

void ClientSession::receive_iq(const Node& iq) {
  const std::string type = iq.text("type");
  if (type == "result" || type == "error") {
    if (registration_) receive_pairing_answer(iq);
    return;
  }
  if (world_.faults.on("silent")) return;
  push(answer_iq(world_, companion_, iq));
  if (companion_ == nullptr) return;
  if (iq.text("xmlns") == "passive") {
    if (iq.child("active") != nullptr)
      become_active();
    else if (companion_->active == this)
      companion_->active = nullptr;
  }
  if (iq.text("xmlns") == "encrypt" && companion_->active == this)
    send_history(world_, *companion_);
  if (iq.text("xmlns") == "md" && iq.child("remove-companion-device") != nullptr) {
    Node removed("stream:error", {{"code", "401"}});
    removed.content = std::vector<Node>{Node("conflict", {{"type", "device_removed"}})};
    Companion* gone = std::exchange(companion_, nullptr);
    world_.companions.erase(gone->number);
    end_with(removed);
  }
}

void ClientSession::receive_message(const Node& message) {
  if (companion_ == nullptr) return;
  Journal::add(world_.journal.messages, message);
  acknowledge(message, "message");
  receive_client_message(world_, *companion_, message);
}

void ClientSession::acknowledge(const Node& node, const std::string& stanza_class) {
  Node ack("ack", {{"class", stanza_class}, {"id", node.text("id")}});
  if (const auto to = node.jid("to")) ack.set("from", *to);
  if (const auto participant = node.jid("participant")) ack.set("participant", *participant);
  if (stanza_class == "receipt" && node.has("type")) ack.set("type", node.text("type"));
  ack.set("t", std::to_string(UnixSeconds::now().value));
  push(ack);
}

}  // namespace wasync::sim
