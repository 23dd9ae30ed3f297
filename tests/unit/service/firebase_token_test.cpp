#include "service/firebase_token.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "unit/service/firebase_user.h"

namespace firebase_token_test {

using namespace wasync;
using namespace wasync::test;

namespace {

std::optional<TokenFault> fault_of(const std::string& text, UnixSeconds now = UnixSeconds::now()) {
  const auto parsed = parse_firebase_token(text);
  if (const auto* fault = std::get_if<TokenFault>(&parsed)) return *fault;
  return fault_in_claims(std::get<FirebaseToken>(parsed), kProject, now);
}

std::optional<TokenFault> fault_with(const char* claim, const json& value) {
  json claims = good_claims();
  claims[claim] = value;
  return fault_of(signed_token(good_header(), claims));
}

std::optional<TokenFault> fault_with_header(const json& header) {
  return fault_of(signed_token(header, good_claims()));
}

}  // namespace

TEST_CASE("a token is read, and its signature is of what was read") {
  const std::string text = good_token();
  const auto parsed = parse_firebase_token(text);
  REQUIRE(std::holds_alternative<FirebaseToken>(parsed));
  const auto& token = std::get<FirebaseToken>(parsed);
  CHECK(token.key_id == kKeyId);
  CHECK(token.audience == kProject);
  CHECK(token.subject == "Ab3dUser");
  CHECK(token.signed_part == text.substr(0, text.rfind('.')));
  CHECK_FALSE(fault_in_claims(token, kProject, UnixSeconds::now()));
  const auto key = RsaPublicKey::from_certificate(certificate_of(usual_key()));
  REQUIRE(key);
  CHECK(key->verify(as_bytes(token.signed_part), token.signature));
  CHECK_FALSE(key->verify(as_bytes(token.signed_part + "x"), token.signature));
}

TEST_CASE("only RS256: neither none nor a secret made of the public key") {
  json header = good_header();
  for (const char* algorithm : {"none", "None", "HS256", "RS384", "ES256", "rs256", ""}) {
    header["alg"] = algorithm;
    CHECK(fault_with_header(header) == TokenFault::kAlgorithm);
  }
  header["alg"] = json::array({"RS256"});
  CHECK(fault_with_header(header) == TokenFault::kAlgorithm);
  header.erase("alg");
  CHECK(fault_with_header(header) == TokenFault::kAlgorithm);
  // As the Authentication emulator issues them.
  CHECK(fault_of(unsigned_part({{"alg", "none"}, {"typ", "JWT"}}, good_claims()) + ".") ==
        TokenFault::kAlgorithm);
}

TEST_CASE("a header with extensions or without a usable key id is malformed") {
  json header = good_header();
  header["crit"] = json::array({"exp"});
  CHECK(fault_with_header(header) == TokenFault::kMalformed);
  for (const json& id :
       {json(""), json(7), json("../x"), json("a b"), json(std::string(129, 'a'))}) {
    header = good_header();
    header["kid"] = id;
    CHECK(fault_with_header(header) == TokenFault::kMalformed);
  }
}

TEST_CASE("claims of another project, issuer or time") {
  CHECK(fault_with("aud", "other-project") == TokenFault::kAudience);
  CHECK(fault_with("iss", "https://securetoken.google.com/other-project") == TokenFault::kIssuer);
  CHECK(fault_with("iss", "https://evil.example/superparty") == TokenFault::kIssuer);
  const std::int64_t now = UnixSeconds::now().value;
  CHECK(fault_with("exp", now - 70) == TokenFault::kExpired);
  CHECK_FALSE(fault_with("exp", now - 30));  // within the leeway
  CHECK(fault_with("iat", now + 120) == TokenFault::kNotYet);
  CHECK(fault_with("auth_time", now + 120) == TokenFault::kNotYet);
  CHECK_FALSE(fault_with("iat", now + 30));
}

TEST_CASE("the leeway is a minute, to the second") {
  const UnixSeconds now{1'800'000'000};
  const std::string text = signed_token(good_header(), good_claims(now));
  CHECK_FALSE(fault_of(text, {now.value + 3590 + 59}));
  CHECK(fault_of(text, {now.value + 3590 + 60}) == TokenFault::kExpired);
  CHECK_FALSE(fault_of(text, {now.value - 70}));
  CHECK(fault_of(text, {now.value - 71}) == TokenFault::kNotYet);
}

TEST_CASE("who it is: how the user signed in, a verified address, and the claims as texts") {
  json claims = good_claims();
  claims["email_verified"] = true;
  claims["role"] = json::array({"staff", 7, "admin"});
  claims["level"] = 3;
  claims["nested"] = {{"role", "owner"}};
  const auto parsed = parse_firebase_token(signed_token(good_header(), claims));
  REQUIRE(std::holds_alternative<FirebaseToken>(parsed));
  const auto& token = std::get<FirebaseToken>(parsed);
  CHECK(token.sign_in_provider == "password");
  CHECK_FALSE(token.is_anonymous());
  CHECK(token.verified_email == "ana@example.com");
  const auto has = [&](const char* name, const char* value) {
    return std::ranges::count(token.claims, std::pair<std::string, std::string>(name, value)) == 1;
  };
  CHECK(has("role", "staff"));
  CHECK(has("role", "admin"));
  CHECK(has("level", "3"));
  CHECK(has("email_verified", "true"));
  CHECK_FALSE(has("role", "owner"));
  for (const json& verified : {json(false), json("true"), json(1), json()}) {
    claims["email_verified"] = verified;
    const auto again = parse_firebase_token(signed_token(good_header(), claims));
    REQUIRE(std::holds_alternative<FirebaseToken>(again));
    CHECK(std::get<FirebaseToken>(again).verified_email.empty());
  }
}

TEST_CASE("claims that are missing or of another type are malformed") {
  for (const char* claim : {"aud", "iss", "sub", "iat", "exp", "auth_time", "firebase"}) {
    json claims = good_claims();
    claims.erase(claim);
    CHECK(fault_of(signed_token(good_header(), claims)) == TokenFault::kMalformed);
  }
  CHECK(fault_with("aud", json::array({kProject})) == TokenFault::kMalformed);
  CHECK(fault_with("sub", "") == TokenFault::kMalformed);
  CHECK(fault_with("sub", std::string(129, 'u')) == TokenFault::kMalformed);
  CHECK_FALSE(fault_with("sub", std::string(128, 'u')));
  CHECK(fault_with("exp", "4102444800") == TokenFault::kMalformed);
  CHECK(fault_with("exp", 4102444800.5) == TokenFault::kMalformed);
  CHECK(fault_with("exp", INT64_MAX) == TokenFault::kMalformed);
  CHECK(fault_with("exp", UINT64_MAX) == TokenFault::kMalformed);
  CHECK(fault_with("iat", -1) == TokenFault::kMalformed);
}

TEST_CASE("what is no token at all") {
  const std::string good = good_token();
  const std::size_t second = good.rfind('.');
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"),
        std::string("a.b.c.d"), good + ".", good.substr(0, second + 1), good + "=",
        good.substr(0, second) + ".%%%", " " + good,
        base64url("[1]") + "." + base64url("{}") + ".YQ",
        base64url("{") + "." + base64url("{}") + ".YQ", good + std::string(8192, 'A'),
        base64url(std::string(3000, '[')) + "." + base64url("{}") + ".YQ"})
    CHECK(fault_of(text) == TokenFault::kMalformed);
}

TEST_CASE("a signature has one spelling") {
  // The last character's unused bits are not free to choose: 256 bytes leave four of them.
  std::string text = good_token();
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  text.back() = alphabet[alphabet.find(text.back()) + 1];
  CHECK(fault_of(text) == TokenFault::kMalformed);
}

}  // namespace firebase_token_test
