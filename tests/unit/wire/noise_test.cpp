#include "wire/noise.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace wasync;

namespace {

struct Parties {
  KeyPair client_static = KeyPair::generate();
  KeyPair server_static = KeyPair::generate();
  NoiseInitiator client{client_static};
  NoiseResponder server{server_static};
  Bytes chain = to_bytes("certificates");
  Bytes payload = to_bytes("payload");

  Bytes server_hello() {
    server.read_client_hello(client.client_hello());
    return server.server_hello(chain);
  }
  Bytes client_finish() {
    client.read_server_hello(server_hello());
    return client.client_finish(payload);
  }
};

// Flips one bit in every byte in turn and expects `read` to refuse each result.
template <class Read>
void expect_every_flip_refused(const Bytes& message, Read read) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    Bytes bad = message;
    bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    try {
      read(bad);
      FAIL_CHECK("a flip in byte " << i << " was accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
}

template <class Read>
void expect_every_truncation_refused(const Bytes& message, Read read) {
  for (std::size_t size = 0; size < message.size(); ++size) {
    const BytesView part = BytesView(message).first(size);
    CHECK_THROWS_AS(read(part), Error);
  }
}

}  // namespace

TEST_CASE("both sides learn each other's static key and payload") {
  Parties parties;
  parties.server.read_client_hello(parties.client.client_hello());
  const auto proof = parties.client.read_server_hello(parties.server.server_hello(parties.chain));
  CHECK(proof.static_key == parties.server_static.public_key);
  CHECK(proof.certificate_chain == parties.chain);
  const auto client = parties.server.read_client_finish(parties.client.client_finish({}));
  CHECK(client.static_key == parties.client_static.public_key);
  CHECK(client.payload.empty());
}

TEST_CASE("both sides end with matching ciphers, one for each direction") {
  Parties parties;
  parties.server.read_client_finish(parties.client_finish());
  TransportCiphers client = parties.client.transport();
  TransportCiphers server = parties.server.transport();
  for (int i = 0; i < 3; ++i) {
    const Bytes text = to_bytes("message " + std::to_string(i));
    const Bytes up = client.send.encrypt(text);
    const Bytes down = server.send.encrypt(text);
    CHECK(up != down);
    CHECK(up.size() == text.size() + TransportCipher::kOverhead);
    CHECK(server.receive.decrypt(up) == text);
    CHECK(client.receive.decrypt(down) == text);
  }
}

TEST_CASE("lost, repeated, swapped and cut messages do not decrypt") {
  const Bytes key(32, 7);
  TransportCipher sender(key);
  const Bytes first = sender.encrypt(to_bytes("first"));
  const Bytes second = sender.encrypt(to_bytes("second"));
  CHECK(first != second);
  {
    TransportCipher receiver(key);
    CHECK_THROWS_AS(receiver.decrypt(second), Error);
  }
  {
    TransportCipher receiver(key);
    CHECK(receiver.decrypt(first) == to_bytes("first"));
    CHECK_THROWS_AS(receiver.decrypt(first), Error);
  }
  expect_every_flip_refused(first, [&](BytesView bad) { TransportCipher(key).decrypt(bad); });
  expect_every_truncation_refused(first, [&](BytesView bad) { TransportCipher(key).decrypt(bad); });
}

TEST_CASE("a flipped bit in the client's hello is noticed by both sides") {
  const Parties parties;
  NoiseInitiator client = parties.client;
  const Bytes hello = client.client_hello();
  expect_every_flip_refused(hello, [&](BytesView bad) {
    NoiseResponder server = parties.server;
    server.read_client_hello(bad);
    NoiseInitiator reader = client;
    reader.read_server_hello(server.server_hello(parties.chain));
  });
}

TEST_CASE("a flipped bit in the server's hello is noticed") {
  Parties parties;
  const Bytes hello = parties.server_hello();
  const auto read = [&](BytesView bad) { NoiseInitiator(parties.client).read_server_hello(bad); };
  expect_every_flip_refused(hello, read);
  expect_every_truncation_refused(hello, read);
}

TEST_CASE("a flipped bit in the client's finish is noticed") {
  Parties parties;
  const Bytes finish = parties.client_finish();
  const auto read = [&](BytesView bad) { NoiseResponder(parties.server).read_client_finish(bad); };
  expect_every_flip_refused(finish, read);
  expect_every_truncation_refused(finish, read);
}

TEST_CASE("keys of small order are refused as the peer's fault") {
  // The order-1 and an order-8 point: any agreement with them is all zeros.
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"}) {
    Parties parties;
    const Bytes hello = concat({Bytes{0x12, 34, 0x0a, 32}, hex_decode(hex).value()});
    parties.server.read_client_hello(hello);
    try {
      parties.server.server_hello({});
      FAIL_CHECK("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
}
