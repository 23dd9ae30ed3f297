// The summation hash over all values of an app-state collection. A value that we add and later
// subtract leaves no trace, in whatever order, so a patch can update the hash without the rest of
// the collection.
//
// The hash is 64 little-endian 16-bit words. HKDF expands a value's MAC to as many words; we add
// (or subtract) them word by word and drop the overflow (whatsmeow appstate/lthash).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace wasync {

class LtHash {
 public:
  static constexpr std::size_t kSize = 128;

  LtHash() = default;
  // Reads a stored hash. Bytes of another size than kSize give the hash of nothing.
  static LtHash from(BytesView bytes);

  void add(BytesView value_mac);
  void subtract(BytesView value_mac);

  const std::array<std::uint8_t, kSize>& bytes() const { return words_; }
  bool operator==(const LtHash&) const = default;

 private:
  std::array<std::uint8_t, kSize> words_{};
};

}  // namespace wasync
