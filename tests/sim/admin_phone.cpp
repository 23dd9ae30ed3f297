#include <nlohmann/json.hpp>

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
  const auto content = hex_decode(asked.value("content_hex", std::string()));
  if (!content) throw Error(ErrorCode::kProtocol, "content_hex is not hexadecimal");
  message.content = *content;
  return json_answer({{"id", send_realtime(world, message)}});
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
      {"POST", "/admin/mock-phone/send-receipt", send_receipt},
      {"POST", "/admin/mock-phone/rename-contact", rename_contact},
      {"POST", "/admin/mock-phone/remove-device", remove_device},
  };
  return table;
}

}  // namespace

HttpAnswer answer_mock_phone(World& world, const HttpQuestion& question) {
  return dispatch(phone_route_table(), world, question);
}

}  // namespace wasync::sim
