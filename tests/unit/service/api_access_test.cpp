#include "service/api_access.h"

#include <fstream>

#include "unit/inbox/fixture.h"
#include "unit/service/firebase_user.h"
#include "unit/wire/loopback.h"

namespace api_access_test {

using namespace wasync;
using namespace wasync::test;
using synthetic::HttpStub;
using wasync::testing::Loop;

namespace {

const std::string kToken = "correct-horse-battery";

HttpAsk ask_from(const char* peer, std::vector<std::pair<std::string, std::string>> headers) {
  return {.method = "GET",
          .target = "/api/x",
          .headers = std::move(headers),
          .peer = boost::asio::ip::make_address(peer)};
}

bool local(std::vector<std::pair<std::string, std::string>> headers,
           const char* peer = "127.0.0.1") {
  return is_local(ask_from(peer, std::move(headers)));
}

// Google's keys, and the access that asks for them.
struct Gate {
  ScratchDir scratch;
  HttpStub google{HttpStub::Answer([](const std::string&) { return keys_answer(); })};
  Loop loop;
  ApiAccess access;

  explicit Gate(bool with_file, bool with_project)
      : access(loop.io.get_executor(), options(with_file, with_project)) {}

  ApiAccessOptions options(bool with_file, bool with_project) const {
    ApiAccessOptions out{.keys = {.url = google.host()}};
    if (with_file) {
      out.token_file = scratch.path() / "token";
      write_token(kToken);
    }
    if (with_project) out.firebase_project = kProject;
    return out;
  }
  void write_token(const std::string& token) const {
    std::ofstream(scratch.path() / "token") << token;
    std::filesystem::permissions(scratch.path() / "token", std::filesystem::perms(0600));
  }

  HttpReply reply(const HttpAsk& ask) {
    return loop.run(access.refusal(ask)).value_or(HttpReply{.status = 200});
  }
  unsigned status(const std::string& authorization) {
    return reply(ask_from("10.0.0.1", {{"authorization", authorization}})).status;
  }
  unsigned bearer(const std::string& token) { return status("Bearer " + token); }
};

}  // namespace

TEST_CASE("a request of this machine is one that nobody passed on") {
  const std::pair<std::string, std::string> host{"host", "127.0.0.1:8080"};
  CHECK(local({host}));
  CHECK(local({{"host", "localhost"}}));
  CHECK(local({{"host", "[::1]:8080"}}, "::1"));
  CHECK(local({host}, "::ffff:127.0.0.1"));
  CHECK_FALSE(local({host}, "10.0.0.1"));
  for (const char* name : {"forwarded", "x-forwarded-for", "x-real-ip", "via"})
    CHECK_FALSE(local({host, {name, "127.0.0.1"}}));
}

TEST_CASE("neither a page whose name leads here nor one of another site counts as this machine") {
  CHECK_FALSE(local({}));
  for (const char* name : {"evil.example", "evil.example:8080", "localhost.evil.example",
                           "127.0.0.1.evil.example", "", "10.0.0.1", "[::2]"})
    CHECK_FALSE(local({{"host", name}}));
  CHECK_FALSE(local({{"host", "localhost"}, {"host", "localhost"}}));
  CHECK(local({{"host", "localhost"}, {"origin", "http://localhost:3000"}}));
  for (const char* origin : {"https://evil.example", "null", "http://localhost.evil.example"})
    CHECK_FALSE(local({{"host", "localhost"}, {"origin", origin}}));
}

TEST_CASE("with nothing set up, only this machine may ask") {
  Gate gate(false, false);
  CHECK(gate.reply(ask_from("127.0.0.1", {{"host", "127.0.0.1"}})).status == 200);
  const HttpReply refused = gate.reply(ask_from("10.0.0.1", {{"host", "127.0.0.1"}}));
  CHECK(refused.status == 403);
  CHECK(gate.bearer(good_token()) == 403);
  CHECK(gate.google.requests().empty());
}

TEST_CASE("with a token file, the token is needed, on this machine too") {
  Gate gate(true, false);
  CHECK(gate.bearer(kToken) == 200);
  CHECK(gate.status("bearer " + kToken) == 200);
  for (const std::string& wrong : {std::string(), std::string("Bearer"), "Bearer " + kToken + "x",
                                   "Bearer " + kToken.substr(1), "Basic " + kToken, kToken})
    CHECK(gate.status(wrong) == 401);
  CHECK(gate.bearer(good_token()) == 401);  // no project was named
  const HttpReply refused = gate.reply(ask_from("127.0.0.1", {{"host", "127.0.0.1"}}));
  CHECK(refused.status == 401);
  REQUIRE(refused.headers.size() == 1);
  CHECK(refused.headers[0].first == "WWW-Authenticate");
  CHECK(refused.headers[0].second.starts_with("Bearer"));
}

TEST_CASE("a refusal does not say why") {
  Gate gate(true, true);
  const auto body = [&](const std::string& value) {
    return gate.reply(ask_from("10.0.0.1", {{"authorization", value}})).body;
  };
  json expired = good_claims();
  expired["exp"] = 1000;
  const std::string refusal = body("");
  CHECK(body("Bearer x") == refusal);
  CHECK(body("Bearer " + signed_token(good_header(), expired)) == refusal);
}

TEST_CASE("a new token comes into force at a reload, a bad file changes nothing") {
  Gate gate(true, false);
  gate.write_token("another-token-entirely");
  CHECK(gate.bearer(kToken) == 200);
  gate.access.reload();
  CHECK(gate.bearer(kToken) == 401);
  CHECK(gate.bearer("another-token-entirely") == 200);
  gate.write_token("short");
  gate.access.reload();
  CHECK(gate.bearer("another-token-entirely") == 200);
}

TEST_CASE("a Firebase user of the project may ask, and nobody else's") {
  Gate gate(false, true);
  CHECK(gate.bearer(good_token()) == 200);
  CHECK(gate.reply(ask_from("127.0.0.1", {{"host", "127.0.0.1"}})).status == 401);
  json claims = good_claims();
  claims["aud"] = "other-project";
  CHECK(gate.bearer(signed_token(good_header(), claims)) == 401);
  claims = good_claims();
  claims["exp"] = UnixSeconds::now().value - 100;
  CHECK(gate.bearer(signed_token(good_header(), claims)) == 401);
  CHECK(gate.bearer(good_token() + std::string(8000, 'A')) == 401);
  CHECK(gate.bearer("x.y.z") == 401);
}

TEST_CASE("a token that somebody else signed is refused, whatever it says") {
  Gate gate(false, true);
  const Key other = new_rsa_key();
  CHECK(gate.bearer(signed_token(good_header(), good_claims(), other.get())) == 401);
  const std::string good = good_token();
  json claims = good_claims();
  claims["sub"] = "somebody-else";
  const std::string signature = good.substr(good.rfind('.'));
  CHECK(gate.bearer(unsigned_part(good_header(), claims) + signature) == 401);
  // Signed with the public key as if it were a secret.
  const std::string part = unsigned_part({{"alg", "HS256"}, {"kid", kKeyId}}, good_claims());
  const auto mac = hmac_sha256(as_bytes(certificate_of(usual_key())), as_bytes(part));
  CHECK(gate.bearer(part + "." + base64url(as_text(mac))) == 401);
  // The same, calling itself RS256.
  const std::string liar = unsigned_part(good_header(), good_claims());
  const auto other_mac = hmac_sha256(as_bytes(certificate_of(usual_key())), as_bytes(liar));
  CHECK(gate.bearer(liar + "." + base64url(as_text(other_mac))) == 401);
  CHECK(gate.bearer(unsigned_part({{"alg", "none"}, {"kid", kKeyId}}, good_claims()) + ".") == 401);
  json header = good_header();
  header["kid"] = "unknown";
  CHECK(gate.bearer(signed_token(header, good_claims())) == 401);
  CHECK(gate.google.requests().size() == 1);
}

TEST_CASE("what is refused by its claims costs no fetch") {
  Gate gate(false, true);
  json claims = good_claims();
  claims["aud"] = "other-project";
  CHECK(gate.bearer(signed_token(good_header(), claims)) == 401);
  CHECK(gate.google.requests().empty());
}

TEST_CASE("either will do where both are set up") {
  Gate gate(true, true);
  CHECK(gate.bearer(kToken) == 200);
  CHECK(gate.google.requests().empty());
  CHECK(gate.bearer(good_token()) == 200);
}

TEST_CASE("while Google's keys cannot be had, that is said") {
  Loop loop;
  HttpStub google(
      HttpStub::Answer([](const std::string&) { return synthetic::kept("", "500 No"); }));
  ApiAccess access(loop.io.get_executor(),
                   {.firebase_project = kProject, .keys = {.url = google.host()}});
  const auto refused =
      loop.run(access.refusal(ask_from("10.0.0.1", {{"authorization", "Bearer " + good_token()}})));
  REQUIRE(refused);
  CHECK(refused->status == 503);
}

TEST_CASE("a project that is none is refused at once") {
  Loop loop;
  for (const char* name : {"", "a/b", "a b", "x\n"})
    CHECK_THROWS_AS(ApiAccess(loop.io.get_executor(), {.firebase_project = name}), Error);
}

}  // namespace api_access_test
