#include "wire/noise.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "wire/frame.h"

namespace noise_test {

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

// Made once by Baileys' noise handler (7.0.0-rc14), as the client of a server hello made by
// ours; the private keys are 32 times the byte named below.
namespace vector {
constexpr std::uint8_t kServerStatic = 0x22;
constexpr std::uint8_t kServerEphemeral = 0x33;
constexpr std::uint8_t kClientStatic = 0x44;
constexpr std::uint8_t kClientEphemeral = 0x55;
constexpr std::string_view kRoutingInfo = "0801";
constexpr std::string_view kChain =
    "0a720a2e080210011a200faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf267857"
    "0f2020002880ae99a40f12402d4e7d6f19507d4cb8d52ee4e54e1b6284e390278a451225575d98b7"
    "35160d35ba5c7fa488ac3318bb98fb695ebf0d3a9105245cc1e43febd3c0dfc67bb8b90c12720a2e"
    "080110001a2044fea006255fb5f6929659139e0704a4ec271c9a2bb74289c6169dc01fdf4b182000"
    "2880ae99a40f1240dbf254fa1d6c5544ad5d4dff531b115b06a6dcd23c05d4e5c432e99937ad6742"
    "9a24b310a3d173c9fc6356b249e4d1ab86d73d0b896e23d1ae11983b191ca388";
constexpr std::string_view kServerHello =
    "1acf020a207b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14123096"
    "5e99d0118a1edcfc80c9d73fff7463c061fe75415fd900e8fde146774a7915584f1e6a53fa82ff5d"
    "1783304b19f1d41af801e40d9d1ff11406f6034dcfabbafd0f5dfe7191d7e5dd7092f461531919e9"
    "0c83870980b179d9630540926b2cdaf4df344354a9d6cee57d9d307df624893fb3eaf1ad52aef2b7"
    "78a3ab8a53223cee68b95a7979daea45e46163e0e550af20a60d113565a7f9e0ed73dcee4a94f5f6"
    "f3decc782680daf6a0b2675242e1fa0bcbe6298a114b5221c098337b7986d4e33ef10cb522eece6c"
    "3ff8512d723758474839c708fddbab8ee14c763a75ba63ef70ab01337238c792ab92494b58161e98"
    "4e42fa7245a5b97d7c2d1201124bc80a0aa6b018ac30c49fbdfaf2cede676285a2ede7520065a61c"
    "473f765690e019c10cc5025ebc3ff65945ad";
// Intro with routing, and the hello; the finish; two transport messages. All framed.
constexpr std::string_view kClientHelloFrame =
    "4544000100000208015741060300002412220a2038ab664bd86f77d7e66bdd9ae0792913a94fd8b3"
    "3a1260027e4b46c1f4884c67";
constexpr std::string_view kClientFinishFrame =
    "00005422520a304a80209ee9aae7825745e567467536eb3bc2466e315c5bd21239c16f6421cfc11e"
    "27e1076660cf2154424af0907002fe121eead62b0e9c88931e5307cb757200e7f995bb32d8e0f6a8"
    "dea4fccc8d6ac2";
constexpr std::string_view kFirstFrame = "000013068d0caffa113ea92a745f7e76522c406be2bc";
constexpr std::string_view kSecondFrame = "000013d4ad9ddf7d7e247762880db337539d760024ea";
}  // namespace vector

KeyPair fixed_key(std::uint8_t byte) {
  return KeyPair::from_private(Bytes(32, byte));
}

std::string framed(Bytes prefix, BytesView payload) {
  append_frame(prefix, payload);
  return hex_encode(prefix);
}

}  // namespace

TEST_CASE("as a client we say byte for byte what another implementation says") {
  NoiseInitiator client(fixed_key(vector::kClientStatic), fixed_key(vector::kClientEphemeral));
  const Bytes intro = intro_with_routing(hex_decode(vector::kRoutingInfo).value());
  CHECK(framed(intro, client.client_hello()) == vector::kClientHelloFrame);
  const auto proof = client.read_server_hello(hex_decode(vector::kServerHello).value());
  CHECK(proof.static_key == fixed_key(vector::kServerStatic).public_key);
  CHECK(hex_encode(proof.certificate_chain) == vector::kChain);
  CHECK(framed({}, client.client_finish(to_bytes("client payload"))) == vector::kClientFinishFrame);
  TransportCiphers ciphers = client.transport();
  CHECK(framed({}, ciphers.send.encrypt(to_bytes("one"))) == vector::kFirstFrame);
  CHECK(framed({}, ciphers.send.encrypt(to_bytes("two"))) == vector::kSecondFrame);
}

TEST_CASE("as a server we understand another implementation") {
  NoiseResponder server(fixed_key(vector::kServerStatic), fixed_key(vector::kServerEphemeral));
  FrameReader reader = FrameReader::after_intro();
  for (const std::string_view frame : {vector::kClientHelloFrame, vector::kClientFinishFrame,
                                       vector::kFirstFrame, vector::kSecondFrame}) {
    reader.feed(hex_decode(frame).value());
  }
  server.read_client_hello(reader.next().value());
  CHECK(hex_encode(server.server_hello(hex_decode(vector::kChain).value())) ==
        vector::kServerHello);
  const auto client = server.read_client_finish(reader.next().value());
  CHECK(client.static_key == fixed_key(vector::kClientStatic).public_key);
  CHECK(to_string(client.payload) == "client payload");
  TransportCiphers ciphers = server.transport();
  CHECK(to_string(ciphers.receive.decrypt(reader.next().value())) == "one");
  CHECK(to_string(ciphers.receive.decrypt(reader.next().value())) == "two");
}

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

}  // namespace noise_test
