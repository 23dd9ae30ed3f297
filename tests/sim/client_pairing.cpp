#include <algorithm>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "proto/client_payload.pb.h"
#include "sim/client_session.h"
#include "sim/routing.h"
#include "sim/world.h"

// How a connection becomes a companion: registration, QR code or typed code, ADV.
namespace wasync::sim {
namespace {

constexpr std::size_t kRefs = 6;

std::string new_ref() {
  // As the real ones: a version, then base64; never a comma, which separates the QR's fields.
  return "2@" + base64_encode(random_bytes(96));
}

}  // namespace

void ClientSession::begin_registration(const pb::ClientPayload& payload) {
  if (world_->faults.on("refuse-registration")) {
    refuse(std::to_string(world_->faults.number("refuse-registration", 405)));
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
    Journal::add(world_->journal.complaints, std::string("registration data is invalid"));
    refuse("400");
    return;
  }
  std::copy_n(signature.begin(), signature.size(), device->signed_pre_key.signature.begin());
  device->offer(SignedPreKey(device->signed_pre_key));

  registration_.emplace();
  registration_->device = std::move(device);
  Node pair_device("pair-device");
  std::vector<Node> refs;
  for (std::size_t i = 0; i < kRefs; ++i) {
    const std::string ref = new_ref();
    world_->service.waiting[ref] = this;
    registration_->refs.push_back(ref);
    refs.push_back(Node("ref", {}, to_bytes(ref)));
  }
  pair_device.content = std::move(refs);
  Node iq(
      "iq",
      {{"from", server_jid()}, {"type", "set"}, {"id", world_->next_stanza_id()}, {"xmlns", "md"}});
  iq.content = std::vector<Node>{std::move(pair_device)};
  push(iq);
}

void ClientSession::pair(World& user, const ScannedQr& qr) {
  const Companion& device = *registration_->device;
  if (qr.noise_key != device.noise_key || qr.identity != device.identity)
    throw Error(ErrorCode::kProtocol, "the QR code's keys are not those of the connection");
  world_ = &user;
  if (!world_->faults.on("reg-refresh")) {
    succeed(qr.adv_secret);
    return;
  }
  if (registration_->retired_secret.empty()) {
    registration_->retired_secret = qr.adv_secret;
    refresh_registration(world_->faults.value("reg-refresh") == "rotate-qr"
                             ? "pair-device-rotate-qr"
                             : "companion_reg_refresh");
  } else if (qr.adv_secret == registration_->retired_secret) {
    // The phone says that it could not link; the companion hears nothing.
    Journal::add(world_->journal.complaints, std::string("the QR code shows a retired secret"));
  } else {
    succeed(qr.adv_secret);
  }
}

void ClientSession::refresh_registration(const std::string& child) {
  Node notification("notification", {{"from", server_jid()},
                                     {"type", "companion_reg_refresh"},
                                     {"id", world_->next_stanza_id()},
                                     {"t", std::to_string(UnixSeconds::now().value)}});
  notification.content = std::vector<Node>{Node(child)};
  push(notification);
}

void ClientSession::succeed(BytesView adv_secret) {
  if (!registration_->pair_success_id.empty())
    throw Error(ErrorCode::kProtocol, "this connection is being paired already");
  if (world_->faults.on("passkey") && !registration_->passkey) {
    demand_passkey(adv_secret);
    return;
  }
  Companion& device = *registration_->device;
  device.number = world_->next_device();
  device.key_index = device.number;
  registration_->signed_identity =
      sign_device(*world_, device.identity, adv_secret, device.key_index);
  registration_->pair_success_id = world_->next_stanza_id();

  Node success("pair-success");
  success.content = std::vector<Node>{Node("device-identity", {}, registration_->signed_identity),
                                      Node("device", {{"jid", world_->companion_jid(device)},
                                                      {"lid", world_->companion_lid(device)}}),
                                      Node("platform", {{"name", "android"}})};
  Node iq("iq", {{"from", server_jid()},
                 {"type", "set"},
                 {"id", registration_->pair_success_id},
                 {"t", std::to_string(UnixSeconds::now().value)},
                 {"xmlns", "md"}});
  iq.content = std::vector<Node>{std::move(success)};
  push(iq);
}

void ClientSession::demand_passkey(BytesView known_secret) {
  registration_->passkey.emplace(world_->passkey, to_bytes(known_secret));
  Node notification("notification", {{"from", server_jid()},
                                     {"type", "passkey_prologue_request"},
                                     {"id", world_->next_stanza_id()},
                                     {"t", std::to_string(UnixSeconds::now().value)}});
  notification.content = std::vector<Node>{
      Node("passkey_request_options", {}, to_bytes(registration_->passkey->options()))};
  push(notification);
}

bool ClientSession::receive_passkey(const Node& iq) {
  if (!registration_ || !registration_->passkey || iq.text("xmlns") != "md") return false;
  Node answer("iq", {{"from", server_jid()}, {"type", "result"}, {"id", iq.text("id")}});
  Bytes phone;
  try {
    PasskeyLink& link = *registration_->passkey;
    if (iq.child("passkey_request_options") != nullptr) {
      answer.content =
          std::vector<Node>{Node("passkey_request_options", {}, to_bytes(link.options()))};
    } else if (iq.child("ref") != nullptr) {
      answer.content = std::vector<Node>{Node("ref", {}, to_bytes(link.ref()))};
    } else if (const Node* prologue = iq.child("passkey_prologue")) {
      phone = link.take_prologue(*prologue, *registration_->device);
    } else if (const Node* nonce = iq.child("companion_nonce")) {
      link.take_nonce(nonce->bytes());
    } else if (const Node* request = iq.child("encrypted_pairing_request")) {
      link.take_request(request->bytes(), *registration_->device);
    } else {
      return false;
    }
  } catch (const Error& error) {
    Journal::add(world_->journal.complaints, std::string(error.what()));
    answer.set("type", std::string("error"));
    answer.content =
        std::vector<Node>{Node("error", {{"code", "406"}, {"text", "not-acceptable"}})};
  }
  push(answer);
  if (!phone.empty()) {
    Node notification("notification", {{"from", server_jid()},
                                       {"type", "crsc_continuation"},
                                       {"id", world_->next_stanza_id()},
                                       {"t", std::to_string(UnixSeconds::now().value)}});
    notification.content = std::vector<Node>{Node("primary_ephemeral_identity", {}, phone)};
    push(notification);
  }
  finish_passkey();
  return true;
}

bool ClientSession::compare_passkey_code(const std::string& code) {
  if (!registration_ || !registration_->passkey || !registration_->passkey->compare(code))
    return false;
  finish_passkey();
  return true;
}

void ClientSession::finish_passkey() {
  const auto secret = registration_->passkey->secret();
  if (secret && registration_->pair_success_id.empty()) succeed(*secret);
}

void ClientSession::receive_pairing_answer(const Node& iq) {
  if (iq.text("id") != registration_->pair_success_id || registration_->pair_success_id.empty())
    return;
  const Node* sign = iq.child("pair-device-sign");
  const Node* identity = sign == nullptr ? nullptr : sign->child("device-identity");
  if (iq.text("type") != "result" || identity == nullptr) {
    Journal::add(world_->journal.complaints, "pairing refused by the client: " + iq.describe());
    connection_->close();
    return;
  }
  const Companion& device = *registration_->device;
  if (identity->number("key-index") != device.key_index ||
      !verify_device_signature(*world_, device.identity, registration_->signed_identity,
                               identity->bytes())) {
    Journal::add(world_->journal.complaints, std::string("invalid device signature"));
    refuse("401");
    return;
  }
  for (const std::string& ref : registration_->refs) world_->service.waiting.erase(ref);
  const std::uint16_t number = device.number;
  world_->companions[number] = std::move(registration_->device);
  announce_device(*world_, number, DeviceChange::kAdded);
  registration_.reset();
  // The client restarts its connection and logs in.
  end_with(Node("stream:error", {{"code", "515"}}));
}

bool ClientSession::enter_code(const std::string& code) {
  if (!registration_ || !registration_->link_code) return false;
  Node notification("notification", {{"from", server_jid()},
                                     {"type", "link_code_companion_reg"},
                                     {"id", world_->next_stanza_id()},
                                     {"t", std::to_string(UnixSeconds::now().value)}});
  Node hello = registration_->link_code->primary_hello(code, world_->phone_key);
  // An account whose passkey is demanded may leave out its key, and link by the passkey alone.
  const bool passkey_alone =
      world_->faults.on("passkey") && world_->faults.value("passkey") != "after-finish";
  if (passkey_alone)
    std::erase_if(std::get<std::vector<Node>>(hello.content), [](const Node& part) {
      return part.tag == "link_code_pairing_wrapped_primary_ephemeral_pub";
    });
  notification.content = std::vector<Node>{std::move(hello)};
  push(notification);
  if (passkey_alone) demand_passkey({});
  return true;
}

bool ClientSession::refresh_code() {
  if (!registration_ || !registration_->link_code) return false;
  Node link("link_code_companion_reg", {{"stage", "refresh_code"}});
  link.content = std::vector<Node>{
      Node("link_code_pairing_ref", {}, to_bytes(registration_->link_code->ref()))};
  Node notification("notification", {{"from", server_jid()},
                                     {"type", "link_code_companion_reg"},
                                     {"id", world_->next_stanza_id()},
                                     {"t", std::to_string(UnixSeconds::now().value)}});
  notification.content = std::vector<Node>{std::move(link)};
  push(notification);
  return true;
}

void ClientSession::receive_link_code(const Node& iq, const Node& link) {
  Node answer("iq", {{"from", server_jid()}, {"type", "result"}, {"id", iq.text("id")}});
  try {
    if (link.text("stage") == "companion_hello") {
      const auto phone = link.jid("jid");
      if (World* user = phone ? world_->service.user(phone->user) : nullptr) world_ = user;
      registration_->link_code.emplace(link, world_->owner_jid(), connection_->peer_static());
      answer.content = std::vector<Node>{registration_->link_code->hello_answer()};
      push(answer);
      // QR codes lie ready beside the code. That their secret is retired is nothing to the code…
      refresh_registration("companion_reg_refresh");
      return;
    }
    if (link.text("stage") != "companion_finish" || !registration_->link_code)
      throw Error(ErrorCode::kProtocol, "unknown stage of pairing by code");
    const Bytes adv_secret =
        registration_->link_code->finish(link, world_->phone_key, registration_->device->identity);
    push(answer);
    // … least of all once what the phone signs is sealed under the secret that the two agreed on.
    refresh_registration("pair-device-rotate-qr");
    succeed(adv_secret);
  } catch (const Error& error) {
    Journal::add(world_->journal.complaints, std::string("pairing by code: ") + error.what());
    answer.set("type", std::string("error"));
    answer.content = std::vector<Node>{Node("error", {{"code", "400"}, {"text", "bad-request"}})};
    push(answer);
  }
}

}  // namespace wasync::sim
