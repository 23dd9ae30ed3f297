#include "session/link/pair_success.h"

#include "base/error.h"
#include "session/link/adv.h"

namespace wasync {
namespace {

Node confirmation(const VerifiedIdentity& verified) {
  Node identity("device-identity", {{"key-index", std::to_string(verified.key_index)}},
                verified.reply);
  return Node("pair-device-sign", {}, std::vector<Node>{std::move(identity)});
}

}  // namespace

PairSuccess read_pair_success(const Node& success, const DeviceKeys& keys,
                              const CompanionOptions& options) {
  const Node* identity = success.child("device-identity");
  const Node* addresses = success.child("device");
  const auto jid = addresses != nullptr ? addresses->jid("jid") : std::nullopt;
  if (identity == nullptr || !jid || !phone_of(*jid) || jid->device == 0) {
    throw Error(ErrorCode::kProtocol,
                Phrase{"WhatsApp confirmed the link without naming the account",
                       "WhatsApp a confirmat conectarea fără să numească contul"});
  }
  const VerifiedIdentity verified = verify_and_sign(identity->bytes(), keys);
  const Node* platform = success.child("platform");
  const Node* business = success.child("biz");
  const Jid lid = addresses->jid("lid").value_or(Jid{});
  return {.device = {.noise = keys.noise,
                     .jid = *jid,
                     .lid = lid.is_lid() ? lid : Jid{},
                     .platform = platform != nullptr ? platform->text("name") : "",
                     .business_name = business != nullptr ? business->text("name") : "",
                     .signed_identity = verified.signed_identity,
                     .paired_at = UnixSeconds::now(),
                     .full_history_requested = options.full_history},
          .account_key = verified.account_key,
          .confirmation = confirmation(verified)};
}

}  // namespace wasync
