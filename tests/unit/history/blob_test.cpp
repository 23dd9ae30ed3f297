#include "history/blob.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "unit/history/synthetic.h"

namespace blob_test {

using namespace wasync;

namespace {

struct Uploaded {
  Bytes plaintext;
  Bytes media_key = Bytes(32, 7);
  EncryptedBlob blob;
  ExpectedBlob expected;

  explicit Uploaded(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) plaintext.push_back(static_cast<std::uint8_t>(i * i));
    blob = encrypt_blob(kHistoryMedia, plaintext, media_key);
    expected = ExpectedBlob::from(kHistoryMedia, media_key, blob.file_sha256, blob.file_enc_sha256);
  }
};

Bytes receive(const Uploaded& up, std::size_t piece) {
  const test::ScratchDir scratch;
  BlobReceiver receiver(scratch.path(), up.expected);
  for (std::size_t at = 0; at < up.blob.data.size(); at += piece) {
    receiver.append(BytesView(up.blob.data).subspan(at, std::min(piece, up.blob.data.size() - at)));
  }
  const VerifiedBlob blob = std::move(receiver).verify();
  Bytes out;
  blob.read([&](BytesView plain) { append(out, plain); });
  return out;
}

// Receives what `damage` left of the blob; the code of the error, or nothing.
template <typename Damage>
std::optional<ErrorCode> code_after(Damage damage) {
  Uploaded up(1000);
  damage(up);
  try {
    receive(up, 64);
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a blob arrives whole, whatever the pieces") {
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 200'000u}) {
    const Uploaded up(size);
    for (const std::size_t piece : {1u, 7u, 10u, 11u, 65'536u}) {
      if (size > 1000 && piece < 10) continue;
      CAPTURE(size);
      CAPTURE(piece);
      CHECK(receive(up, piece) == up.plaintext);
    }
  }
}

TEST_CASE("a verified blob can be read twice") {
  const Uploaded up(100'000);
  const test::ScratchDir scratch;
  BlobReceiver receiver(scratch.path(), up.expected);
  receiver.append(up.blob.data);
  const VerifiedBlob blob = std::move(receiver).verify();
  for (int i = 0; i < 2; ++i) {
    Bytes out;
    blob.read([&](BytesView plain) { append(out, plain); });
    CHECK(out == up.plaintext);
  }
}

TEST_CASE("keys expand as the other clients expand them") {
  // HKDF-SHA-256 of 32 times 0x07 with "WhatsApp History Keys", computed with Python's hmac.
  const MediaKeys keys = media_keys(kHistoryMedia, Bytes(32, 7));
  CHECK(hex_encode(keys.iv) == "8c5afed3583347a1449e12ab5f2d8deb");
  CHECK(hex_encode(keys.cipher_key) ==
        "37af562252ffce1c9ebf55e1cf225cd87484873e854e5fd5ef2c7ae4071d4509");
  CHECK(hex_encode(keys.mac_key) ==
        "1c532784afa512320359296081cb8e6f055e43ec9f672a218e9c3ae161808504");
}

TEST_CASE("nothing of a damaged blob is ever readable") {
  CHECK_FALSE(code_after([](Uploaded&) {}));
  CHECK(code_after([](Uploaded& up) { up.blob.data[500] ^= 1; }) == ErrorCode::kMedia);
  CHECK(code_after([](Uploaded& up) { up.blob.data.pop_back(); }) == ErrorCode::kMedia);
  CHECK(code_after([](Uploaded& up) { up.blob.data.resize(10); }) == ErrorCode::kMedia);
  CHECK(code_after([](Uploaded& up) { up.blob.data.clear(); }) == ErrorCode::kMedia);
  CHECK(code_after([](Uploaded& up) { up.expected.file_enc_sha256[0] ^= 1; }) == ErrorCode::kMedia);
  CHECK(code_after([](Uploaded& up) { up.expected.file_sha256[0] ^= 1; }) == ErrorCode::kMedia);
  CHECK(code_after([](Uploaded& up) { up.expected.keys.mac_key[0] ^= 1; }) == ErrorCode::kMedia);
  CHECK(code_after([](Uploaded& up) { up.expected.keys.cipher_key[0] ^= 1; }) == ErrorCode::kMedia);
}

TEST_CASE("a wrong MAC is refused even when the announced hash agrees") {
  CHECK(code_after([](Uploaded& up) {
          up.blob.data.back() ^= 1;
          up.expected.file_enc_sha256 = sha256(up.blob.data);
        }) == ErrorCode::kMedia);
}

TEST_CASE("malformed notifications are a protocol error") {
  const Bytes key(32);
  const Bytes short_one(31);
  CHECK_THROWS_AS(ExpectedBlob::from(kHistoryMedia, short_one, key, key), Error);
  CHECK_THROWS_AS(ExpectedBlob::from(kHistoryMedia, key, short_one, key), Error);
  CHECK_THROWS_AS(ExpectedBlob::from(kHistoryMedia, key, key, {}), Error);
}

TEST_CASE("the file of a blob has no name") {
  const test::ScratchDir scratch;
  PrivateFile file(scratch.path());
  file.append(as_bytes("secret"));
  CHECK(std::filesystem::is_empty(scratch.path()));
  CHECK_THROWS_AS(PrivateFile(scratch.path() / "absent"), Error);
}

}  // namespace blob_test
