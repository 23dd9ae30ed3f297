#include "session/link/passkey_handshake.h"

#include <doctest/doctest.h>

#include "base/crypto.h"
#include "base/error.h"
#include "proto/passkey_link.pb.h"

namespace passkey_handshake_test {

using namespace wasync;

// Known answers need a known key and nonce, which a handshake makes and keeps to itself; names in
// an explicit instantiation may be private.
template <auto kEphemeral, auto kNonce>
struct Known {
  friend void make_known(PasskeyHandshake& handshake, const KeyPair& key, const Bytes& nonce) {
    handshake.*kEphemeral = key;
    handshake.*kNonce = nonce;
  }
};
void make_known(PasskeyHandshake& handshake, const KeyPair& key, const Bytes& nonce);
template struct Known<&PasskeyHandshake::ephemeral_, &PasskeyHandshake::nonce_>;

namespace {

constexpr std::string_view kRef = "2@ref+/==";
constexpr std::string_view kIdentityTag = "primary_ephemeral_identity";

Bytes hex(std::string_view text) {
  return hex_decode(text).value();
}

// 32 bytes, each one more than the byte before.
Bytes rising(std::uint8_t first) {
  Bytes bytes(32);
  for (std::uint8_t& byte : bytes) byte = first++;
  return bytes;
}

// Known answers: X25519, HKDF-SHA256, HMAC-SHA256 and SHA-256 by OpenSSL, the messages put together
// by hand. Rising bytes from 0x01: the former secret; 0x20: our ephemeral private key; 0x40: our
// nonce; 0x60: the phone's private key; 0x80: its nonce; 0xa0, 0xc0, 0xe0: what we hand over.
const Bytes kHandoffKey = hex("6d5631336e8e224412543a97f576889396610c5addf03cf44e8602c27200a92d");
const Bytes kPrologue =
    hex("0a2f0a20358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
        "10071a0932407265662b2f3d3d"
        "12220a20cea6154309a7831b0211400a1b7a17b3b171c2fcd708b965d1957e1a244e5998");
const Bytes kProof = hex("953c45737dd11f8e44e97d2bf4df55867a146dcc9a0c3958c48280ede5906bcb");
const Bytes kPhoneKey = hex("675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f");
const Bytes kPhoneIdentity =
    hex("0a20675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f"
        "1220808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
const Bytes kEncryptionKey =
    hex("76f8a2744a7e71f194ab9e7fc25ccd4f0cbd19bccba46c934b2bbece2b878a12");
constexpr std::string_view kCode = "CYA3-V36M";
const Bytes kPairingRequest =
    hex("0a20c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
        "1220e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
        "1a20a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf");

PasskeyHandshake known_handshake(std::string_view ref = kRef) {
  PasskeyHandshake handshake{std::string(ref)};
  make_known(handshake, KeyPair::from_private(rising(0x20)), rising(0x40));
  return handshake;
}

DeviceKeys known_keys() {
  DeviceKeys keys;
  keys.noise.public_key = public_key_from(rising(0xc0));
  keys.identity.key.public_key = public_key_from(rising(0xe0));
  keys.adv_secret = rising(0xa0);
  return keys;
}

PasskeyAssertion assertion() {
  return {.credential_id = Bytes{1, 2, 3}, .json = R"({"id":"AQID"})"};
}

Node iq(std::string_view type, Node content) {
  return Node("iq", {{"to", server_jid()}, {"type", std::string(type)}, {"xmlns", "md"}},
              std::vector<Node>{std::move(content)});
}

Node answer(std::string tag, Node::Content content) {
  return Node("iq", {{"type", "result"}},
              std::vector<Node>{Node(std::move(tag), {}, std::move(content))});
}

Node continuation(Bytes identity) {
  return Node("notification", {{"from", server_jid()}, {"type", "crsc_continuation"}},
              std::vector<Node>{Node(std::string(kIdentityTag), {}, std::move(identity))});
}

Bytes identity_of(BytesView key, BytesView nonce) {
  pb::PrimaryEphemeralIdentity identity;
  identity.set_public_key(to_string(key));
  identity.set_nonce(to_string(nonce));
  return to_bytes(identity.SerializeAsString());
}

// The one part of a query of ours.
Node part_of(const Node& query, std::string_view tag) {
  REQUIRE(query.children().size() == 1);
  const Node part = query.children().front();
  CHECK(part.tag == tag);
  CHECK(query == iq("set", part));
  return part;
}

Bytes bytes_of(const Node& node, std::string_view tag) {
  const Node* child = node.child(tag);
  REQUIRE(child != nullptr);
  return to_bytes(child->bytes());
}

pb::EncryptedPairingRequest sealed_in(const Node& query) {
  pb::EncryptedPairingRequest sealed;
  REQUIRE(sealed.ParseFromString(to_string(part_of(query, "encrypted_pairing_request").bytes())));
  REQUIRE(sealed.iv().size() == 12);
  return sealed;
}

std::optional<Bytes> opened(const pb::EncryptedPairingRequest& sealed,
                            const Bytes& key = kEncryptionKey) {
  return aes_gcm_decrypt(key, as_bytes(sealed.iv()), as_bytes(sealed.encrypted_payload()), {});
}

template <typename Function>
void check_refused(Function function, std::string_view part) {
  try {
    function();
    FAIL_CHECK("it was believed");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kProtocol);
    CHECK(error.message().translated());
    CHECK(std::string_view(error.what()).ends_with(part));
  }
}

void check_refused_continuation(const Node& notification) {
  PasskeyHandshake handshake = known_handshake();
  check_refused([&] { handshake.take_continuation(notification); }, kIdentityTag);
  // What nobody believed is in nobody's way.
  handshake.take_continuation(continuation(kPhoneIdentity));
  CHECK(handshake.code() == kCode);
}

}  // namespace

TEST_CASE("what proves us to the phone comes from the secret that it knows") {
  CHECK(passkey_handoff_key(rising(0x01)) == kHandoffKey);
  CHECK(passkey_handoff_key(rising(0x02)) != kHandoffKey);
}

TEST_CASE("options and ref are asked for") {
  CHECK(PasskeyHandshake::ask_for_options() == iq("get", Node("passkey_request_options")));
  CHECK(PasskeyHandshake::ask_for_ref() == iq("get", Node("ref")));
}

TEST_CASE("options are read from an answer, and from the demand itself") {
  const Bytes options = to_bytes(R"({"challenge":"AQID","rpId":"whatsapp.com"})");
  for (const char* tag : {"iq", "notification"}) {
    const Node node(tag, {}, std::vector<Node>{Node("passkey_request_options", {}, options)});
    CHECK(PasskeyHandshake::options_in(node).challenge == Bytes{1, 2, 3});
  }
}

TEST_CASE("an answer without options is refused") {
  constexpr const char* kTag = "passkey_request_options";
  const auto read = [](const Node& node) { return [node] { PasskeyHandshake::options_in(node); }; };
  check_refused(read(Node("iq")), kTag);
  check_refused(read(answer("other", to_bytes("{}"))), kTag);
  check_refused(read(answer(kTag, {})), kTag);
  check_refused(read(answer(kTag, Bytes{})), kTag);
  check_refused(read(answer(kTag, std::vector<Node>{Node("x")})), kTag);
  check_refused(read(answer(kTag, to_bytes("no JSON"))), "JSON");
  check_refused(read(answer(kTag, to_bytes("{}"))), "challenge");
}

TEST_CASE("the ref is whatever the server named, within a limit") {
  CHECK(PasskeyHandshake::ref_in(answer("ref", to_bytes(kRef))) == kRef);
  CHECK(PasskeyHandshake::ref_in(answer("ref", Bytes(1024, 'x'))) == std::string(1024, 'x'));
  const auto read = [](const Node& node) { return [node] { PasskeyHandshake::ref_in(node); }; };
  check_refused(read(Node("iq")), "ref");
  check_refused(read(answer("other", to_bytes(kRef))), "ref");
  check_refused(read(answer("ref", {})), "ref");
  check_refused(read(answer("ref", Bytes{})), "ref");
  check_refused(read(answer("ref", std::vector<Node>{Node("x")})), "ref");
  check_refused(read(answer("ref", Bytes(1025, 'x'))), "ref");
}

TEST_CASE("the prologue brings the assertion, our commitment and the proof") {
  PasskeyHandshake handshake = known_handshake();
  CHECK_FALSE(handshake.proven());
  const Node prologue = part_of(handshake.prologue(assertion(), kHandoffKey), "passkey_prologue");
  CHECK(prologue.children().size() == 4);
  CHECK(bytes_of(prologue, "credential_id") == Bytes{1, 2, 3});
  CHECK(to_string(bytes_of(prologue, "webauthn_assertion")) == R"({"id":"AQID"})");
  CHECK(bytes_of(prologue, "prologue_payload") == kPrologue);
  CHECK(bytes_of(prologue, "pairing_handoff_proof") == kProof);
  CHECK(handshake.proven());
}

TEST_CASE("without the former secret nothing is proven") {
  PasskeyHandshake handshake = known_handshake();
  const Node prologue = part_of(handshake.prologue(assertion(), std::nullopt), "passkey_prologue");
  CHECK(prologue.children().size() == 3);
  CHECK(bytes_of(prologue, "prologue_payload") == kPrologue);
  CHECK(prologue.child("pairing_handoff_proof") == nullptr);
  CHECK_FALSE(handshake.proven());

  // What the last prologue said counts.
  handshake.prologue(assertion(), kHandoffKey);
  CHECK(handshake.proven());
  handshake.prologue(assertion(), std::nullopt);
  CHECK_FALSE(handshake.proven());
}

TEST_CASE("the prologue commits to the nonce without showing it") {
  PasskeyHandshake handshake{std::string(kRef)};
  const Bytes payload =
      bytes_of(part_of(handshake.prologue(assertion(), std::nullopt), "passkey_prologue"),
               "prologue_payload");
  pb::ProloguePayload prologue;
  REQUIRE(prologue.ParseFromString(to_string(payload)));
  handshake.take_continuation(continuation(kPhoneIdentity));
  const Bytes nonce = to_bytes(part_of(handshake.reveal(), "companion_nonce").bytes());
  CHECK(nonce.size() == 32);
  CHECK(to_string(payload).find(to_string(nonce)) == std::string::npos);
  const Digest256 digest =
      sha256(concat({as_bytes(prologue.companion_ephemeral_identity()), nonce}));
  CHECK(prologue.commitment().hash() == to_string(BytesView(digest)));
}

TEST_CASE("phone and companion come to one code") {
  PasskeyHandshake handshake = known_handshake();
  handshake.take_continuation(continuation(kPhoneIdentity));
  CHECK(part_of(handshake.reveal(), "companion_nonce").bytes().size() == 32);
  CHECK(to_bytes(part_of(handshake.reveal(), "companion_nonce").bytes()) == rising(0x40));
  CHECK(handshake.code() == kCode);
}

TEST_CASE("the code has four characters, a dash and four more, whatever its bytes are") {
  // The nonces' first bytes, each the bytes of the code behind SHA-256 by OpenSSL.
  for (const auto& [first, code] :
       {std::pair("df13af0b30", "1111-1111"), std::pair("df579d1ff7", "1234-5678"),
        std::pair("20ec50f4cf", "ZZZZ-ZZZZ")}) {
    PasskeyHandshake handshake = known_handshake();
    const Bytes nonce = concat({hex(first), Bytes(27, 0x55)});
    handshake.take_continuation(continuation(identity_of(kPhoneKey, nonce)));
    CHECK(handshake.code() == code);
  }
}

TEST_CASE("who changes the phone's part on the way changes the code or the key") {
  const auto code_with = [](BytesView key, BytesView nonce) {
    PasskeyHandshake handshake = known_handshake();
    handshake.take_continuation(continuation(identity_of(key, nonce)));
    return handshake.code();
  };
  const Bytes nonce = rising(0x80);
  REQUIRE(code_with(kPhoneKey, nonce) == kCode);
  for (std::size_t i = 0; i < kPhoneKey.size(); ++i) {
    Bytes key = kPhoneKey;
    key[i] ^= 1;
    CHECK(code_with(key, nonce) != kCode);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    Bytes other = nonce;
    other[i] ^= 1;
    CHECK(code_with(kPhoneKey, other) != kCode);
  }

  PasskeyHandshake handshake = known_handshake();
  Bytes key = kPhoneKey;
  key[0] ^= 1;
  handshake.take_continuation(continuation(identity_of(key, nonce)));
  CHECK_FALSE(opened(sealed_in(handshake.pairing_request(known_keys()))));
}

TEST_CASE("a continuation that is malformed is refused") {
  check_refused_continuation(Node("notification"));
  check_refused_continuation(answer("other", kPhoneIdentity));
  check_refused_continuation(answer(std::string(kIdentityTag), {}));
  check_refused_continuation(answer(std::string(kIdentityTag), std::vector<Node>{Node("x")}));
  for (std::size_t size = 0; size < kPhoneIdentity.size(); ++size) {
    CAPTURE(size);
    check_refused_continuation(continuation(to_bytes(BytesView(kPhoneIdentity).first(size))));
  }
  check_refused_continuation(continuation(Bytes(100, 0xff)));
  check_refused_continuation(continuation(concat({kPhoneIdentity, Bytes{0x0a}})));

  const Bytes nonce = rising(0x80);
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    CAPTURE(size);
    check_refused_continuation(continuation(identity_of(Bytes(size, 9), nonce)));
    check_refused_continuation(continuation(identity_of(kPhoneKey, Bytes(size, 9))));
  }
}

TEST_CASE("what a newer phone adds is left alone") {
  PasskeyHandshake handshake = known_handshake();
  // Field 15, two bytes.
  handshake.take_continuation(
      continuation(concat({kPhoneIdentity, Bytes{0x7a, 0x02, 0x01, 0x02}})));
  CHECK(handshake.code() == kCode);
}

TEST_CASE("a key that makes the secret known to everybody is refused") {
  // The points of small order on Curve25519, and the same beyond the prime.
  for (const std::string_view key :
       {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    CAPTURE(key);
    check_refused_continuation(continuation(identity_of(hex(key), rising(0x80))));
  }
}

TEST_CASE("the pairing request hands over our keys to who knows the secret") {
  PasskeyHandshake handshake = known_handshake();
  handshake.take_continuation(continuation(kPhoneIdentity));
  const auto sealed = sealed_in(handshake.pairing_request(known_keys()));
  CHECK(opened(sealed) == kPairingRequest);
  CHECK_FALSE(opened(sealed, rising(0x01)));
  CHECK(sealed.encrypted_payload().find(to_string(rising(0xa0))) == std::string::npos);

  // One key must never seal twice with the same IV.
  const auto again = sealed_in(handshake.pairing_request(known_keys()));
  CHECK(again.iv() != sealed.iv());
  CHECK(opened(again) == kPairingRequest);
}

TEST_CASE("a pairing request that was changed or cut on the way does not open") {
  PasskeyHandshake handshake = known_handshake();
  handshake.take_continuation(continuation(kPhoneIdentity));
  const auto sealed = sealed_in(handshake.pairing_request(known_keys()));
  const std::string& payload = sealed.encrypted_payload();
  CHECK(payload.size() == kPairingRequest.size() + 16);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    auto other = sealed;
    Bytes changed = to_bytes(payload);
    changed[i] ^= 0x10;
    other.set_encrypted_payload(to_string(BytesView(changed)));
    CHECK_FALSE(opened(other));
    other.set_encrypted_payload(payload.substr(0, i));
    CHECK_FALSE(opened(other));
  }
  auto other = sealed;
  other.set_iv(std::string(12, 'x'));
  CHECK_FALSE(opened(other));
}

TEST_CASE("nothing is sealed before the phone's key has come") {
  const PasskeyHandshake handshake = known_handshake();
  CHECK_THROWS_AS(handshake.pairing_request(known_keys()), Error);
}

TEST_CASE("a continuation that comes twice changes nothing") {
  PasskeyHandshake handshake = known_handshake();
  handshake.take_continuation(continuation(kPhoneIdentity));
  handshake.take_continuation(continuation(kPhoneIdentity));
  CHECK(handshake.code() == kCode);
  CHECK(opened(sealed_in(handshake.pairing_request(known_keys()))) == kPairingRequest);
}

TEST_CASE("what belongs to one attempt is of no use in another") {
  PasskeyHandshake other{std::string(kRef)};
  const Node prologue = part_of(other.prologue(assertion(), kHandoffKey), "passkey_prologue");
  CHECK(bytes_of(prologue, "prologue_payload") != kPrologue);
  CHECK(bytes_of(prologue, "pairing_handoff_proof") != kProof);
  other.take_continuation(continuation(kPhoneIdentity));
  CHECK(to_bytes(part_of(other.reveal(), "companion_nonce").bytes()) != rising(0x40));
  CHECK(other.code() != kCode);
  CHECK_FALSE(opened(sealed_in(other.pairing_request(known_keys()))));
}

TEST_CASE("the ref is part of what is agreed on") {
  PasskeyHandshake other = known_handshake("2@another");
  CHECK(bytes_of(part_of(other.prologue(assertion(), kHandoffKey), "passkey_prologue"),
                 "prologue_payload") != kPrologue);
  other.take_continuation(continuation(kPhoneIdentity));
  CHECK_FALSE(opened(sealed_in(other.pairing_request(known_keys()))));
}

}  // namespace passkey_handshake_test
