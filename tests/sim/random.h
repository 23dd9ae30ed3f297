// Deterministic randomness for the dataset: the same on every platform and compiler, which
// the standard library's distributions are not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace wasync::sim {

// SplitMix64 (Steele, Lea and Flood, 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  std::uint64_t below(std::uint64_t limit);  // 0 to limit - 1; the tiny bias does not matter
  bool chance(unsigned percent) { return below(100) < percent; }

  template <typename T>
  const T& pick(std::span<const T> from) {
    return from[static_cast<std::size_t>(below(from.size()))];
  }

 private:
  std::uint64_t state_;
};

// One seed out of several numbers; every order and count gives another one.
std::uint64_t mix(std::initializer_list<std::uint64_t> parts);
std::uint64_t hash_of(std::string_view text);  // FNV-1a

std::string random_hex(Random& random, std::size_t digits);  // upper case, as message ids are

}  // namespace wasync::sim
