#include "base/crypto.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/error.h"

namespace crypto_test {

using namespace wasync;

namespace {

Bytes hex(std::string_view text) {
  return hex_decode(text).value();
}

template <typename Function>
void check_crypto_error(Function function) {
  try {
    function();
    FAIL_CHECK("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kCrypto);
  }
}

// Test case 16 of the GCM specification.
const Bytes kGcmKey = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
const Bytes kGcmNonce = hex("cafebabefacedbaddecaf888");
const Bytes kGcmAssociated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
const Bytes kGcmPlaintext =
    hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
const Bytes kGcmCiphertext =
    hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b");

// NIST SP 800-38A, F.2.5.
const Bytes kCbcKey = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
const Bytes kCbcIv = hex("000102030405060708090a0b0c0d0e0f");

}  // namespace

TEST_CASE("hashes") {
  CHECK(hex_encode(sha256({})) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex_encode(sha256(to_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_encode(md5(to_bytes("abc"))) == "900150983cd24fb0d6963f7d28e17f72");
  Sha256Stream stream;
  stream.update(to_bytes("a"));
  stream.update({});
  stream.update(to_bytes("bc"));
  CHECK(stream.finish() == sha256(to_bytes("abc")));
}

TEST_CASE("HMAC vectors of RFC 4231") {
  CHECK(hex_encode(hmac_sha256(Bytes(20, 0x0b), to_bytes("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex_encode(hmac_sha256(to_bytes("Jefe"), to_bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(
      hex_encode(hmac_sha256(Bytes(131, 0xaa),
                             to_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hex_encode(hmac_sha512(to_bytes("Jefe"), to_bytes("what do ya want for nothing?"))) ==
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  CHECK(hex_encode(hmac_sha256({}, {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("HMAC in pieces is HMAC of the whole, moved or not") {
  HmacSha256Stream stream(Bytes(20, 0x0b));
  stream.update(to_bytes("Hi "));
  HmacSha256Stream moved = std::move(stream);
  moved.update({});
  moved.update(to_bytes("There"));
  CHECK(moved.finish() == hmac_sha256(Bytes(20, 0x0b), to_bytes("Hi There")));
}

TEST_CASE("HKDF vectors of RFC 5869") {
  CHECK(hex_encode(hkdf_sha256(Bytes(22, 0x0b), hex("000102030405060708090a0b0c"),
                               hex("f0f1f2f3f4f5f6f7f8f9"), 42)) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(hex_encode(hkdf_sha256(Bytes(22, 0x0b), {}, {}, 42)) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("HKDF takes an empty secret, and as much output as there is") {
  CHECK(hkdf_sha256({}, Bytes(32, 1), {}, 64).size() == 64);
  CHECK(hkdf_sha256({}, {}, {}, 0).empty());
  const Bytes most = hkdf_sha256(Bytes(32, 1), {}, {}, 255 * 32);
  CHECK(most.size() == 255 * 32);
  const Bytes less = hkdf_sha256(Bytes(32, 1), {}, {}, 100);
  CHECK(std::equal(less.begin(), less.end(), most.begin()));
  check_crypto_error([] { hkdf_sha256(Bytes(32, 1), {}, {}, 255 * 32 + 1); });
}

TEST_CASE("PBKDF2 vectors of RFC 7914") {
  CHECK(hex_encode(pbkdf2_sha256(to_bytes("passwd"), to_bytes("salt"), 1, 64)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  CHECK(hex_encode(pbkdf2_sha256(to_bytes("Password"), to_bytes("NaCl"), 80000, 64)) ==
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
        "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
  CHECK(pbkdf2_sha256({}, {}, 1, 32).size() == 32);
  check_crypto_error([] { pbkdf2_sha256({}, {}, 0, 32); });
}

TEST_CASE("comparison in constant time is comparison") {
  CHECK(equal_constant_time({}, {}));
  CHECK(equal_constant_time(Bytes{1, 2}, Bytes{1, 2}));
  CHECK_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 3}));
  CHECK_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1}));
}

TEST_CASE("AES-GCM vectors") {
  CHECK(aes_gcm_encrypt(kGcmKey, kGcmNonce, kGcmPlaintext, kGcmAssociated) == kGcmCiphertext);
  CHECK(aes_gcm_decrypt(kGcmKey, kGcmNonce, kGcmCiphertext, kGcmAssociated) == kGcmPlaintext);
  CHECK(hex_encode(aes_gcm_encrypt(Bytes(32), Bytes(12), {}, {})) ==
        "530f8afbc74536b9a963b4f1c4cb738b");
  CHECK(hex_encode(aes_gcm_encrypt(Bytes(32), Bytes(12), Bytes(16), {})) ==
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  CHECK(aes_gcm_decrypt(Bytes(32), Bytes(12), hex("530f8afbc74536b9a963b4f1c4cb738b"), {}) ==
        Bytes{});
}

TEST_CASE("AES-GCM refuses whatever was touched") {
  for (std::size_t i = 0; i < kGcmCiphertext.size(); ++i) {
    Bytes touched = kGcmCiphertext;
    touched[i] ^= 1;
    CHECK_FALSE(aes_gcm_decrypt(kGcmKey, kGcmNonce, touched, kGcmAssociated).has_value());
    const BytesView beginning = BytesView(kGcmCiphertext).first(i);
    CHECK_FALSE(aes_gcm_decrypt(kGcmKey, kGcmNonce, beginning, kGcmAssociated).has_value());
  }
  CHECK_FALSE(aes_gcm_decrypt(kGcmKey, kGcmNonce, kGcmCiphertext, {}).has_value());
  CHECK_FALSE(aes_gcm_decrypt(Bytes(32), kGcmNonce, kGcmCiphertext, kGcmAssociated).has_value());
  CHECK_FALSE(aes_gcm_decrypt(kGcmKey, Bytes(12), kGcmCiphertext, kGcmAssociated).has_value());
}

TEST_CASE("a key or nonce of the wrong size is our mistake") {
  check_crypto_error([] { aes_gcm_encrypt(Bytes(16), Bytes(12), {}, {}); });
  check_crypto_error([] { aes_gcm_encrypt(Bytes(32), Bytes(16), {}, {}); });
  check_crypto_error([] { aes_gcm_decrypt(Bytes(32), Bytes(8), Bytes(16), {}); });
  check_crypto_error([] { aes_cbc_encrypt(Bytes(24), Bytes(16), {}); });
  check_crypto_error([] { aes_cbc_encrypt(Bytes(32), Bytes(12), {}); });
  check_crypto_error([] { AesCbcDecryptStream(Bytes(32), Bytes(12)); });
}

TEST_CASE("AES-CBC vectors") {
  const Bytes block = hex("6bc1bee22e409f96e93d7e117393172a");
  const Bytes encrypted = aes_cbc_encrypt(kCbcKey, kCbcIv, block);
  CHECK(encrypted.size() == 32);  // a block of padding follows
  CHECK(hex_encode(BytesView(encrypted).first(16)) == "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
  CHECK(aes_cbc_decrypt(kCbcKey, kCbcIv, encrypted) == block);
  const Bytes short_key = hex("2b7e151628aed2a6abf7158809cf4f3c");
  CHECK(hex_encode(BytesView(aes_cbc_encrypt(short_key, kCbcIv, block)).first(16)) ==
        "7649abac8119b246cee98e9b12e9197d");
}

TEST_CASE("AES-CBC of every length comes back, whole and in pieces") {
  for (std::size_t length = 0; length <= 50; ++length) {
    const Bytes plain = random_bytes(length);
    const Bytes encrypted = aes_cbc_encrypt(kCbcKey, kCbcIv, plain);
    CHECK(encrypted.size() == length / 16 * 16 + 16);
    CHECK(aes_cbc_decrypt(kCbcKey, kCbcIv, encrypted) == plain);
    for (const std::size_t step : {1u, 7u, 16u, 33u}) {
      AesCbcDecryptStream stream(kCbcKey, kCbcIv);
      Bytes out;
      for (std::size_t at = 0; at < encrypted.size(); at += step) {
        const std::size_t count = std::min(step, encrypted.size() - at);
        append(out, stream.update(BytesView(encrypted).subspan(at, count)));
        append(out, stream.update({}));
      }
      const auto last = stream.finish();
      REQUIRE(last.has_value());
      append(out, *last);
      CHECK(out == plain);
    }
  }
}

TEST_CASE("AES-CBC with a wrong length or padding yields nothing") {
  const Bytes encrypted = aes_cbc_encrypt(kCbcKey, kCbcIv, Bytes(20, 'x'));
  CHECK_FALSE(aes_cbc_decrypt(kCbcKey, kCbcIv, {}).has_value());
  CHECK_FALSE(aes_cbc_decrypt(kCbcKey, kCbcIv, BytesView(encrypted).first(31)).has_value());
  CHECK_FALSE(aes_cbc_decrypt(kCbcKey, kCbcIv, BytesView(encrypted).first(16)).has_value());
  AesCbcDecryptStream stream(kCbcKey, kCbcIv);
  stream.update(BytesView(encrypted).first(20));
  CHECK_FALSE(stream.finish().has_value());
}

TEST_CASE("random numbers differ and stay in their range") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(32) != random_bytes(32));
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t value = random_below(7);
    CHECK(value < 7);
    seen.insert(value);
  }
  CHECK(seen.size() == 7);
  CHECK(random_below(1) == 0);
  CHECK(random_below(UINT64_MAX) < UINT64_MAX);
  check_crypto_error([] { random_below(0); });
}

TEST_CASE("AES-CTR vector of NIST SP 800-38A, F.5.5") {
  const Bytes key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const Bytes iv = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const Bytes plain =
      hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
          "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  const Bytes sealed =
      hex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
          "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
  CHECK(aes_ctr(key, iv, plain) == sealed);
  CHECK(aes_ctr(key, iv, sealed) == plain);
  CHECK(aes_ctr(key, iv, {}).empty());
  check_crypto_error([&] { aes_ctr(key, Bytes(12), plain); });
  check_crypto_error([&] { aes_ctr(Bytes(16), iv, plain); });
}

}  // namespace crypto_test
