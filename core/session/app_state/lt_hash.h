// The summation hash over all values of an app-state collection: what is added and later
// subtracted leaves no trace, whatever the order, so that a patch updates it without the rest
// of the collection at hand.
//
// 64 little-endian 16-bit words; a value's MAC is expanded to as many by HKDF and added (or
// subtracted) word by word, overflow dropped (whatsmeow appstate/lthash).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace wasync {

class LtHash {
 public:
  static constexpr std::size_t kSize = 128;

  LtHash() = default;
  // As stored; of another size than kSize it is the hash of nothing.
  static LtHash from(BytesView bytes);

  void add(BytesView value_mac);
  void subtract(BytesView value_mac);

  const std::array<std::uint8_t, kSize>& bytes() const { return words_; }
  bool operator==(const LtHash&) const = default;

 private:
  std::array<std::uint8_t, kSize> words_{};
};

}  // namespace wasync
