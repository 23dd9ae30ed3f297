#include <memory>
#include <vector>

#include "session/connection/client_payload.h"
#include "session/device/device.h"
#include "session/link/adv.h"
#include "session/link/qr_payload.h"
#include "vector_tool.h"

namespace wasync::peers {
namespace {

Json pair_out(const KeyPair& pair) {
  return {{"public", bytes_out(pair.public_key)}, {"private", bytes_out(pair.private_key)}};
}

Json keys_out(const DeviceKeys& keys) {
  return {{"noise", pair_out(keys.noise)},
          {"identity", pair_out(keys.identity.key)},
          {"registration_id", keys.identity.registration_id},
          {"signed_pre_key",
           {{"id", keys.signed_pre_key_public.id},
            {"public", bytes_out(keys.signed_pre_key_public.public_key)},
            {"private", bytes_out(keys.signed_pre_key.private_key)},
            {"signature", bytes_out(keys.signed_pre_key_public.signature)}}},
          {"adv_secret", bytes_out(keys.adv_secret)}};
}

using AllKeys = std::vector<DeviceKeys>;

const DeviceKeys& keys_in(const AllKeys& all, const Json& request) {
  return all.at(request.at("keys").get<std::size_t>());
}

CompanionOptions options_in(const Json& request) {
  CompanionOptions options;
  options.name = request.value("name", options.name);
  options.full_history = request.value("full_history", options.full_history);
  return options;
}

Json verify(const AllKeys& all, const Json& request) {
  const VerifiedIdentity identity =
      verify_and_sign(bytes_in(request, "device_identity"), keys_in(all, request));
  return {{"signed_identity", bytes_out(identity.signed_identity)},
          {"reply", bytes_out(identity.reply)},
          {"account_key", bytes_out(identity.account_key)},
          {"key_index", identity.key_index}};
}

Json log_in(const Json& request) {
  Device device;
  device.jid = Jid::parse(request.at("jid").get<std::string>()).value();
  return bytes_out(login_payload(options_in(request), device));
}

}  // namespace

void add_pairing_operations(Operations& operations) {
  const auto all = std::make_shared<AllKeys>();
  operations["device_keys"] = [all](const Json&) {
    all->push_back(DeviceKeys::generate());
    Json out = keys_out(all->back());
    out["keys"] = all->size() - 1;
    return out;
  };
  operations["registration_payload"] = [all](const Json& request) {
    return bytes_out(registration_payload(options_in(request), keys_in(*all, request)));
  };
  operations["login_payload"] = log_in;
  operations["web_version"] = [](const Json&) { return Json(WebVersion().to_string()); };
  operations["qr_payload"] = [all](const Json& request) {
    return Json(qr_payload(request.at("ref").get<std::string>(), keys_in(*all, request)));
  };
  operations["verify_and_sign"] = [all](const Json& request) { return verify(*all, request); };
}

}  // namespace wasync::peers
