#include "sim/random.h"

namespace wasync::sim {

std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t limit) {
  return limit == 0 ? 0 : next() % limit;
}

std::uint64_t mix(std::initializer_list<std::uint64_t> parts) {
  std::uint64_t mixed = parts.size();
  for (const std::uint64_t part : parts) mixed = Random(mixed ^ Random(part).next()).next();
  return mixed;
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3ULL;
  }
  return hash;
}

std::string random_hex(Random& random, std::size_t digits) {
  std::string hex;
  hex.reserve(digits);
  for (std::size_t i = 0; i < digits; ++i) hex += "0123456789ABCDEF"[random.below(16)];
  return hex;
}

}  // namespace wasync::sim
