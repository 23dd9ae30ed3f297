#include "wire/certificate.h"

#include <doctest/doctest.h>

#include <functional>

#include "base/error.h"
#include "proto/handshake.pb.h"

namespace certificate_test {

using namespace wasync;

namespace {

constexpr UnixSeconds kNow{1'700'000'000};

struct Authority {
  KeyPair root = KeyPair::generate();
  KeyPair server = KeyPair::generate();
  CertificateChainOptions options{.not_before = {kNow.value - 100},
                                  .not_after = {kNow.value + 100}};

  Bytes chain() const { return make_certificate_chain(root, server.public_key, options); }
};

// What verification says; empty when it is content.
std::string verdict(const Bytes& chain, const Authority& authority, UnixSeconds now = kNow) {
  try {
    verify_certificate_chain(chain, authority.root.public_key, authority.server.public_key, now);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kServerUntrusted);
    CHECK_FALSE(error.hint().empty());
    return error.what();
  }
  return "";
}

bool says(const std::string& verdict, std::string_view what) {
  return verdict.find(what) != std::string::npos;
}

// A chain whose parts were changed after (or before, with the key) signing.
using Chain = pb::NoiseCertChain;
Bytes changed(const Bytes& chain, const std::function<void(Chain&)>& change) {
  Chain parsed;
  REQUIRE(parsed.ParseFromArray(chain.data(), static_cast<int>(chain.size())));
  change(parsed);
  return to_bytes(parsed.SerializeAsString());
}

void sign(Chain::Certificate& certificate, const Chain::Certificate::Details& details,
          const KeyPair& signer) {
  certificate.set_details(details.SerializeAsString());
  const Signature signature = xeddsa_sign(signer.private_key, as_bytes(certificate.details()));
  certificate.set_signature(to_string(signature));
}

}  // namespace

TEST_CASE("a chain made for a server verifies for it") {
  const Authority authority;
  CHECK(verdict(authority.chain(), authority) == "");
}

TEST_CASE("a chain is for one server key and one root only") {
  const Authority authority;
  Authority other_server = authority;
  other_server.server = KeyPair::generate();
  CHECK(says(verdict(authority.chain(), other_server), "another key"));
  Authority other_root = authority;
  other_root.root = KeyPair::generate();
  CHECK(says(verdict(authority.chain(), other_root), "signature of its intermediate"));
}

TEST_CASE("a chain is valid from its first to its last second") {
  const Authority authority;
  const Bytes chain = authority.chain();
  CHECK(verdict(chain, authority, {kNow.value - 100}) == "");
  CHECK(verdict(chain, authority, {kNow.value + 100}) == "");
  CHECK(says(verdict(chain, authority, {kNow.value - 101}), "not valid yet"));
  CHECK(says(verdict(chain, authority, {kNow.value + 101}), "expired"));
}

TEST_CASE("each certificate's own validity counts") {
  const Authority authority;
  const KeyPair intermediate = KeyPair::generate();
  Chain::Certificate::Details above;
  above.set_serial(7);
  above.set_issuer_serial(0);
  above.set_key(to_string(intermediate.public_key));
  above.set_not_after(static_cast<std::uint64_t>(kNow.value + 1));
  Chain::Certificate::Details leaf = above;
  leaf.set_issuer_serial(7);
  leaf.set_key(to_string(authority.server.public_key));

  const auto chain = [&] {
    Chain out;
    sign(*out.mutable_intermediate(), above, authority.root);
    sign(*out.mutable_leaf(), leaf, intermediate);
    return to_bytes(out.SerializeAsString());
  };
  CHECK(verdict(chain(), authority) == "");

  SUBCASE("the leaf has expired") {
    leaf.set_not_after(static_cast<std::uint64_t>(kNow.value - 1));
    CHECK(says(verdict(chain(), authority), "its certificate has expired"));
  }
  SUBCASE("the intermediate has expired") {
    above.set_not_after(static_cast<std::uint64_t>(kNow.value - 1));
    CHECK(says(verdict(chain(), authority), "its intermediate certificate has expired"));
  }
  SUBCASE("the leaf names another issuer") {
    leaf.set_issuer_serial(8);
    CHECK(says(verdict(chain(), authority), "another issuer"));
  }
  SUBCASE("the intermediate names another root") {
    above.set_issuer_serial(1);
    CHECK(says(verdict(chain(), authority), "another root"));
  }
  SUBCASE("the intermediate has no usable key") {
    above.set_key("short");
    CHECK(says(verdict(chain(), authority), "no usable key"));
  }
  SUBCASE("no end of validity means none") {
    leaf.clear_not_after();
    CHECK(says(verdict(chain(), authority), "expired"));
  }
}

TEST_CASE("a leaf must be signed by the intermediate") {
  const Authority authority;
  const Bytes chain = changed(authority.chain(), [&](Chain& parsed) {
    Chain::Certificate::Details details;
    REQUIRE(details.ParseFromString(parsed.leaf().details()));
    sign(*parsed.mutable_leaf(), details, KeyPair::generate());
  });
  CHECK(says(verdict(chain, authority), "signature of its certificate"));
}

TEST_CASE("missing and malformed parts are refused") {
  const Authority authority;
  const Bytes good = authority.chain();
  CHECK(verdict(Bytes{}, authority) != "");
  CHECK(verdict(Bytes{0xff, 0xff, 0xff}, authority) != "");
  CHECK(verdict(Bytes(100'000, 0), authority) != "");
  CHECK(verdict(changed(good, [](Chain& c) { c.clear_leaf(); }), authority) != "");
  CHECK(verdict(changed(good, [](Chain& c) { c.clear_intermediate(); }), authority) != "");
  CHECK(verdict(changed(good, [](Chain& c) { c.mutable_leaf()->clear_signature(); }), authority) !=
        "");
  CHECK(verdict(changed(good, [](Chain& c) { c.mutable_leaf()->set_signature("x"); }), authority) !=
        "");
}

TEST_CASE("no single flipped bit goes unnoticed") {
  const Authority authority;
  const Bytes good = authority.chain();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    CHECK_MESSAGE(verdict(bad, authority) != "", "byte " << i);
  }
}

TEST_CASE("the pinned root key is WhatsApp's") {
  CHECK(hex_encode(kWhatsAppRootKey) ==
        "142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b");
}

}  // namespace certificate_test
