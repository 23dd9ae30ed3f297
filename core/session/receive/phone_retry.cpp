#include "session/receive/phone_retry.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "session/receive/peer_message.h"
#include "session/receive/phone_heard.h"
#include "session/receive/phone_requests.h"
#include "session/receive/signal_peer.h"
#include "signal/store.h"

namespace wasync {
namespace {

// Phones ask five times: the last is to be told, not answered.
constexpr int kMostRepeats = 4;

std::optional<BytesView> part(const Node& parent, std::string_view tag, std::size_t size) {
  const Node* child = parent.child(tag);
  if (child == nullptr || child->bytes().size() != size) return std::nullopt;
  return child->bytes();
}

std::optional<PreKey> pre_key_in(const Node& node) {
  const auto id = part(node, "id", 3);
  const auto value = part(node, "value", PublicKey{}.size());
  if (!id || !value) return std::nullopt;
  return PreKey{.id = static_cast<std::uint32_t>(read_big_endian(*id)),
                .public_key = public_key_from(*value)};
}

// Nothing when it is malformed. The signature is verified when it is used.
std::optional<PreKeyBundle> bundle_in(const Node& receipt, const Node& keys) {
  const auto registration = part(receipt, "registration", 4);
  const auto identity = part(keys, "identity", PublicKey{}.size());
  const Node* skey = keys.child("skey");
  const auto signed_key = skey != nullptr ? pre_key_in(*skey) : std::nullopt;
  const auto signature =
      skey != nullptr ? part(*skey, "signature", Signature{}.size()) : std::nullopt;
  if (!registration || !identity || !signed_key || !signature) return std::nullopt;
  PreKeyBundle bundle{
      .registration_id = static_cast<std::uint32_t>(read_big_endian(*registration)),
      .identity = public_key_from(*identity),
      .signed_pre_key = {.id = signed_key->id, .public_key = signed_key->public_key},
      .pre_key = std::nullopt};
  std::copy(signature->begin(), signature->end(), bundle.signed_pre_key.signature.begin());
  if (const Node* key = keys.child("key")) bundle.pre_key = pre_key_in(*key);
  return bundle;
}

bool renew_session(const Node& receipt, const Node& keys, StanzaGroup& group) {
  const auto bundle = bundle_in(receipt, keys);
  if (!bundle || bundle->identity != group.device().phone_identity()) {
    log::warn("keys came in the phone's name that are not its own: refused");
    return false;
  }
  const SignalAddress phone =
      signal_peer(group.store(), group.device(), group.device().jid.bare(), {});
  const auto failure = group.cipher(IdentityPolicy::kRefuseChanges).process_bundle(phone, *bundle);
  if (failure) log::warn("the phone's new keys are unusable: {}", name(*failure));
  return !failure;
}

}  // namespace

void repeat_for_phone(const Node& receipt, StanzaGroup& group) {
  const Node* retry = receipt.child("retry");
  if (retry == nullptr || !is_from_own_phone(receipt, group.device())) return;
  const auto request = find_phone_request(group.database(), receipt.text("id"));
  if (!request) return;
  const Node* keys = receipt.child("keys");
  const bool worth_it =
      request->repeats < kMostRepeats && (keys == nullptr || renew_session(receipt, *keys, group));
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
