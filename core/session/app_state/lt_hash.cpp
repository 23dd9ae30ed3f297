#include "session/app_state/lt_hash.h"

#include <algorithm>

#include "base/crypto.h"

namespace wasync {
namespace {

Bytes expanded(BytesView value_mac) {
  return hkdf_sha256(value_mac, {}, as_bytes("WhatsApp Patch Integrity"), LtHash::kSize);
}

template <typename Combine>
void for_each_word(std::array<std::uint8_t, LtHash::kSize>& words, const Bytes& with,
                   Combine combine) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const unsigned ours = words[i] | (unsigned{words[i + 1]} << 8);
    const unsigned theirs = with[i] | (unsigned{with[i + 1]} << 8);
    const unsigned combined = combine(ours, theirs);
    words[i] = static_cast<std::uint8_t>(combined & 0xFF);
    words[i + 1] = static_cast<std::uint8_t>((combined >> 8) & 0xFF);
  }
}

}  // namespace

LtHash LtHash::from(BytesView bytes) {
  LtHash hash;
  if (bytes.size() == kSize) std::copy(bytes.begin(), bytes.end(), hash.words_.begin());
  return hash;
}

void LtHash::add(BytesView value_mac) {
  for_each_word(words_, expanded(value_mac), [](unsigned a, unsigned b) { return a + b; });
}

void LtHash::subtract(BytesView value_mac) {
  for_each_word(words_, expanded(value_mac), [](unsigned a, unsigned b) { return a - b; });
}

}  // namespace wasync
