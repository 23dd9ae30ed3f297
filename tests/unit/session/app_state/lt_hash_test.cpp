#include "session/app_state/lt_hash.h"

#include <doctest/doctest.h>

#include "base/crypto.h"

namespace app_state_lt_hash_test {

using namespace wasync;

TEST_CASE("values commute, and what is subtracted leaves no trace") {
  const Bytes a = random_bytes(32);
  const Bytes b = random_bytes(32);
  LtHash both;
  both.add(a);
  both.add(b);
  LtHash other_way;
  other_way.add(b);
  other_way.add(a);
  CHECK(both == other_way);
  LtHash only_b;
  only_b.add(b);
  CHECK_FALSE(both == only_b);
  both.subtract(a);
  CHECK(both == only_b);
  both.subtract(b);
  CHECK(both == LtHash());
}

TEST_CASE("subtracting first overflows and comes back") {
  const Bytes a(32, 7);
  LtHash hash;
  hash.subtract(a);
  CHECK_FALSE(hash == LtHash());
  hash.add(a);
  CHECK(hash == LtHash());
}

TEST_CASE("words are 16 bits, little-endian, and carry nothing over") {
  const Bytes a(32, 7);
  const Bytes expanded = hkdf_sha256(a, {}, as_bytes("WhatsApp Patch Integrity"), 128);
  LtHash hash;
  hash.add(a);
  CHECK(to_bytes(hash.bytes()) == expanded);
  hash.add(a);
  for (std::size_t i = 0; i < expanded.size(); i += 2) {
    const unsigned word = expanded[i] | (unsigned{expanded[i + 1]} << 8);
    CHECK(hash.bytes()[i] == ((2 * word) & 0xFF));
    CHECK(hash.bytes()[i + 1] == (((2 * word) >> 8) & 0xFF));
  }
}

TEST_CASE("a hash is found again as it was stored") {
  LtHash hash;
  hash.add(random_bytes(32));
  CHECK(LtHash::from(hash.bytes()) == hash);
  CHECK(LtHash::from({}) == LtHash());
  CHECK(LtHash::from(Bytes(127, 1)) == LtHash());
}

}  // namespace app_state_lt_hash_test
