#include "sim/companion.h"

#include <string>

#include "base/error.h"

namespace wasync::sim {
namespace {

void offer_once(std::map<std::uint32_t, PublicKey>& offered, std::uint32_t id,
                const PublicKey& key) {
  if (offered.try_emplace(id, key).first->second != key)
    throw Error(ErrorCode::kProtocol, "pre-key " + std::to_string(id) + " was another key before");
}

}  // namespace

void Companion::offer(const PreKey& key) {
  offer_once(offered_keys, key.id, key.public_key);
}

void Companion::offer(const SignedPreKey& key) {
  offer_once(offered_signed_keys, key.id, key.public_key);
  signed_pre_key = key;
}

std::optional<PreKeyBundle> Companion::take_bundle() {
  if (!keys_uploaded) return std::nullopt;
  PreKeyBundle bundle{.registration_id = registration_id,
                      .identity = identity,
                      .signed_pre_key = signed_pre_key,
                      .pre_key = std::nullopt};
  if (!pre_keys.empty()) {
    bundle.pre_key = pre_keys.front();
    pre_keys.pop_front();
  }
  return bundle;
}

}  // namespace wasync::sim
