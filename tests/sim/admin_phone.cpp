#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "sim/admin_route.h"
#include "sim/client_session.h"
#include "sim/realtime.h"
#include "sim/routing.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

HttpAnswer scan_qr(World& world, const HttpQuestion& question) {
  const ScannedQr qr = parse_qr(question.body);
  const auto waiting = world.service.waiting.find(qr.ref);
  if (waiting == world.service.waiting.end())
    return json_answer({{"error", "no connection waits with this QR code"}}, 404);
  waiting->second->pair(world, qr);
  return json_answer({{"scanned", true}});
}

HttpAnswer enter_code(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  const std::string code = asked.at("code").get<std::string>();
  bool shown = false;
  for (ClientSession* session : world.sessions) shown = session->enter_code(code) || shown;
  if (!shown) return json_answer({{"error", "no connection waits for a code"}}, 404);
  return json_answer({{"entered", true}});
}

HttpAnswer refresh_code(World& world, const HttpQuestion&) {
  bool shown = false;
  for (ClientSession* session : world.sessions) shown = session->refresh_code() || shown;
  if (!shown) return json_answer({{"error", "no connection shows a code"}}, 404);
  return json_answer({{"refreshed", true}});
}

// An authenticator has made a passkey for the account.
HttpAnswer register_passkey(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  const auto id = base64_decode(asked.at("id").get<std::string>());
  const auto key = base64_decode(asked.at("public_key").get<std::string>());
  if (!id || !key) throw Error(ErrorCode::kProtocol, "not base64");
  world.passkey = Passkey{.credential_id = *id, .public_key = *key};
  return json_answer({{"registered", true}});
}

HttpAnswer compare_passkey_code(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  const std::string code = asked.at("code").get<std::string>();
  bool same = false;
  for (ClientSession* session : world.sessions) same = session->compare_passkey_code(code) || same;
  if (!same) return json_answer({{"error", "the phone shows no such code"}}, 404);
  return json_answer({{"same", true}});
}

HttpAnswer send_message(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  RealtimeMessage message;
  message.chat = asked.at("chat").get<std::string>();
  message.from = asked.value("from", std::string());
  message.id = asked.value("id", std::string());
  message.text = asked.value("text", std::string());
  message.kind = asked.value("kind", std::string("text"));
  message.target = asked.value("target", std::string());
  message.target_from_author =
      asked.value("target_from_author", message.kind == "edit" || message.kind == "revoke");
  message.target_author = asked.value("target_author", std::string());
  message.by_admin = asked.value("by_admin", false);
  message.recipients = asked.value("recipients", std::vector<std::string>());
  const auto content = hex_decode(asked.value("content_hex", std::string()));
  if (!content) throw Error(ErrorCode::kProtocol, "content_hex is not hexadecimal");
  message.content = *content;
  return json_answer({{"id", send_realtime(world, message)}});
}

// A text that is an address goes over the wire as one.
Node node_of(const Json& json) {
  Node node(json.at("tag").get<std::string>());
  const Json attributes = json.value("attributes", Json::object());
  for (const auto& [key, value] : attributes.items()) {
    const std::string text = value.get<std::string>();
    const auto jid = text.find('@') == std::string::npos ? std::nullopt : Jid::parse(text);
    if (jid)
      node.set(key, *jid);
    else
      node.set(key, text);
  }
  const Json children = json.value("children", Json::array());
  std::vector<Node> content;
  for (const Json& child : children) content.push_back(node_of(child));
  if (!content.empty()) node.content = std::move(content);
  if (json.contains("content_hex")) {
    const auto bytes = hex_decode(json["content_hex"].get<std::string>());
    if (!bytes) throw Error(ErrorCode::kProtocol, "content_hex is not hexadecimal");
    node.content = *bytes;
  }
  return node;
}

HttpAnswer send_stanza(World& world, const HttpQuestion& question) {
  Node stanza = node_of(Json::parse(question.body));
  if (!stanza.has("id")) stanza.set("id", world.next_stanza_id());
  if (!stanza.has("t")) stanza.set("t", std::to_string(UnixSeconds::now().value));
  for (const auto& [number, companion] : world.companions) world.deliver(*companion, stanza);
  return json_answer({{"id", stanza.text("id")}});
}

HttpAnswer send_receipt(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  RealtimeReceipt receipt;
  receipt.chat = asked.at("chat").get<std::string>();
  receipt.from = asked.value("from", std::string());
  receipt.type = asked.value("type", std::string());
  receipt.ids = asked.at("ids").get<std::vector<std::string>>();
  push_receipt(world, receipt);
  return json_answer({{"sent", true}});
}

HttpAnswer rename_contact(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  rename_contact(world, asked.at("jid").get<std::string>(), asked.at("name").get<std::string>());
  return json_answer({{"renamed", true}});
}

// The phone loses its Signal sessions with all companions.
HttpAnswer forget_sessions(World& world, const HttpQuestion&) {
  for (const auto& [number, companion] : world.companions) {
    world.phone().forget_session(world.companion_jid(*companion));
    companion->forgotten = true;
  }
  return json_answer({{"forgotten", world.companions.size()}});
}

// The user removes a companion from the phone's list of linked devices.
HttpAnswer remove_device(World& world, const HttpQuestion& question) {
  const Json asked = Json::parse(question.body);
  const auto found = world.companions.find(asked.at("device").get<std::uint16_t>());
  if (found == world.companions.end()) return json_answer({{"error", "no such device"}}, 404);
  for (ClientSession* session : std::set<ClientSession*>(world.sessions))
    if (session->companion() == found->second.get()) session->remove_companion();
  unlink(world, found->first);
  return json_answer({{"removed", true}});
}

const std::vector<Route>& phone_route_table() {
  static const std::vector<Route> table{
      {"POST", "/admin/mock-phone/scan-qr", scan_qr},
      {"POST", "/admin/mock-phone/enter-code", enter_code},
      {"POST", "/admin/mock-phone/refresh-code", refresh_code},
      {"POST", "/admin/mock-phone/passkey", register_passkey},
      {"POST", "/admin/mock-phone/passkey-code", compare_passkey_code},
      {"POST", "/admin/mock-phone/send-message", send_message},
      {"POST", "/admin/mock-phone/send-stanza", send_stanza},
      {"POST", "/admin/mock-phone/send-receipt", send_receipt},
      {"POST", "/admin/mock-phone/rename-contact", rename_contact},
      {"POST", "/admin/mock-phone/remove-device", remove_device},
      {"POST", "/admin/mock-phone/forget-sessions", forget_sessions},
  };
  return table;
}

}  // namespace

HttpAnswer answer_mock_phone(World& world, const HttpQuestion& question) {
  return dispatch(phone_route_table(), world, question);
}

}  // namespace wasync::sim
