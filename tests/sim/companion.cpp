#include "sim/companion.h"

namespace wasync::sim {

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
