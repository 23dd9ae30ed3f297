#include "base/stand_ins.h"

#include "base/crypto.h"

namespace wasync {

StandIns::StandIns() : key_(random_bytes(32)) {}

std::string StandIns::of(std::string_view value) const {
  const Digest256 digest = hmac_sha256(key_, as_bytes(value));
  return "#" + hex_encode(BytesView(digest).first(4));
}

}  // namespace wasync
