#include "base/curve25519.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"

namespace curve25519_test {

using namespace wasync;

namespace {

Bytes hex(std::string_view text) {
  return hex_decode(text).value();
}

// RFC 7748, section 6.1.
const Bytes kAlice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
const Bytes kBob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");

}  // namespace

TEST_CASE("X25519 vectors of RFC 7748") {
  const KeyPair alice = KeyPair::from_private(kAlice);
  const KeyPair bob = KeyPair::from_private(kBob);
  CHECK(hex_encode(alice.public_key) ==
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(hex_encode(bob.public_key) ==
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  CHECK(hex_encode(x25519(alice.private_key, bob.public_key)) ==
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  CHECK(x25519(bob.private_key, alice.public_key) == x25519(alice.private_key, bob.public_key));
}

TEST_CASE("a stored private key gives the same pair again") {
  const KeyPair pair = KeyPair::generate();
  const KeyPair again = KeyPair::from_private(pair.private_key);
  CHECK(again.public_key == pair.public_key);
  CHECK(again.private_key == pair.private_key);
  CHECK(KeyPair::generate().private_key != pair.private_key);
  CHECK((pair.private_key[0] & 7) == 0);
  CHECK((pair.private_key[31] & 0xc0) == 0x40);
}

TEST_CASE("a private key of another size is refused") {
  for (const std::size_t size : {0u, 31u, 33u}) {
    CHECK_THROWS_AS(KeyPair::from_private(Bytes(size)), Error);
  }
}

TEST_CASE("a peer's key of small order is refused") {
  const KeyPair ours = KeyPair::generate();
  PublicKey one{};
  one[0] = 1;
  for (const PublicKey& key : {PublicKey{}, one}) {
    try {
      x25519(ours.private_key, key);
      FAIL_CHECK("agreed on a secret");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kCrypto);
    }
  }
}

TEST_CASE("a known XEdDSA signature verifies, and nothing near it") {
  const PublicKey key =
      public_key_from(hex("ab7e717d4a163b7d9a1d8071dfe9dcf8cdcd1cea3339b6356be84d887e322c64"));
  const Bytes message = hex("05edce9d9c415ca78cb7252e72c2c4a554d3eb29485a0e1d503118d1a82d99fb4a");
  const Bytes signature =
      hex("5de88ca9a89b4a115da79109c67c9c7464a3e4180274f1cb8c63c2984e286dfb"
          "ede82deb9dcd9fae0bfbb821569b3d9001bd8130cd11d486cef047bd60b86e88");
  CHECK(xeddsa_verify(key, message, signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes touched = signature;
    touched[i] ^= 1;
    CHECK_FALSE(xeddsa_verify(key, message, touched));
  }
  CHECK_FALSE(xeddsa_verify(key, BytesView(message).first(32), signature));
  CHECK_FALSE(xeddsa_verify(KeyPair::generate().public_key, message, signature));
}

TEST_CASE("what we sign verifies under our key only") {
  const KeyPair pair = KeyPair::generate();
  for (const std::size_t size : {0u, 1u, 33u, 5000u}) {
    const Bytes message = random_bytes(size);
    const Signature signature = xeddsa_sign(pair.private_key, message);
    CHECK(xeddsa_verify(pair.public_key, message, signature));
    CHECK_FALSE(xeddsa_verify(KeyPair::generate().public_key, message, signature));
    // Randomised: the same message is signed differently each time.
    CHECK(xeddsa_sign(pair.private_key, message) != signature);
  }
}

TEST_CASE("signatures of a wrong size do not verify") {
  const KeyPair pair = KeyPair::generate();
  const Bytes message{1, 2, 3};
  const Signature signature = xeddsa_sign(pair.private_key, message);
  CHECK_FALSE(xeddsa_verify(pair.public_key, message, {}));
  CHECK_FALSE(xeddsa_verify(pair.public_key, message, BytesView(signature).first(63)));
  Bytes longer = to_bytes(BytesView(signature));
  longer.push_back(0);
  CHECK_FALSE(xeddsa_verify(pair.public_key, message, longer));
}

TEST_CASE("public keys from the wire have 32 bytes") {
  const KeyPair pair = KeyPair::generate();
  CHECK(public_key_from(pair.public_key) == pair.public_key);
  for (const std::size_t size : {0u, 31u, 33u}) {
    try {
      public_key_from(Bytes(size));
      FAIL_CHECK("took a key of a wrong size");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
  const Bytes typed = with_type_byte(pair.public_key);
  CHECK(typed.size() == 33);
  CHECK(typed[0] == 5);
  CHECK(std::equal(typed.begin() + 1, typed.end(), pair.public_key.begin()));
}

}  // namespace curve25519_test
