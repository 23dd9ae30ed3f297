#include "session/receive/phone_retry.h"

#include "base/log.h"
#include "session/connection/pre_keys.h"
#include "session/receive/peer_message.h"
#include "session/receive/phone_heard.h"
#include "session/receive/phone_requests.h"
#include "session/receive/signal_peer.h"
#include "signal/store.h"

namespace wasync {
namespace {

// Phones ask five times: the last is to be told, not answered.
constexpr int kMostRepeats = 4;

}  // namespace

bool renew_phone_session(const std::optional<PreKeyBundle>& bundle, StanzaGroup& group) {
  if (!bundle || bundle->identity != group.device().phone_identity()) {
    log::warn("keys in the phone's name are not its own, or missing: refused");
    return false;
  }
  const SignalAddress phone =
      signal_peer(group.store(), group.device(), group.device().jid.bare(), {});
  const auto failure = group.cipher(IdentityPolicy::kRefuseChanges).process_bundle(phone, *bundle);
  if (failure) log::warn("the phone's new keys are unusable: {}", name(*failure));
  return !failure;
}

void repeat_for_phone(const Node& receipt, StanzaGroup& group) {
  const Node* retry = receipt.child("retry");
  if (retry == nullptr || !is_from_own_phone(receipt, group.device())) return;
  const auto request = find_phone_request(group.database(), receipt.text("id"));
  if (!request) return;
  const Node* keys = receipt.child("keys");
  const bool worth_it = request->repeats < kMostRepeats &&
                        (keys == nullptr || renew_phone_session(bundle_in(receipt, *keys), group));
  auto again = worth_it ? peer_message_again(group.store(), group.device(), *request,
                                             std::to_string(retry->number("count").value_or(1)))
                        : std::nullopt;
  if (!again) {
    log::warn("the phone cannot read what it is asked for: link again (wa-sync pair --again)");
    group.outcome.failed_requests.push_back({.id = request->id});
    return;
  }
  log::info("the phone could not read a request: it is asked again");
  count_repeat(group.database(), request->id);
  group.outcome.answers.push_back(*std::move(again));
}

}  // namespace wasync
