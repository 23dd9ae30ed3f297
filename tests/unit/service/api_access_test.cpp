#include "service/api_access.h"

#include <fstream>

#include "unit/firestore/small_firestore.h"
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
    if (with_project) {
      out.firebase_project = kProject;
      out.allow_file = scratch.path() / "allow";
      write_list("Ab3dUser\n");
    }
    return out;
  }
  void write_list(const std::string& lines) const {
    std::ofstream(scratch.path() / "allow") << lines;
  }
  void write_token(const std::string& token) const {
    std::ofstream(scratch.path() / "token") << token;
    std::filesystem::permissions(scratch.path() / "token", std::filesystem::perms(0600));
  }

  HttpReply reply(const HttpAsk& ask) {
    const ApiAccess::Answer answer = loop.run(access.rights(ask));
    const auto* refused = std::get_if<HttpReply>(&answer);
    return refused != nullptr ? *refused : HttpReply{.status = 200};
  }
  ApiRights rights(const HttpAsk& ask) {
    const ApiAccess::Answer answer = loop.run(access.rights(ask));
    return std::holds_alternative<ApiRights>(answer) ? std::get<ApiRights>(answer) : ApiRights{};
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

TEST_CASE("a Firebase user whom the list names may ask, and nobody else's") {
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

namespace {

std::string token_with(const char* claim, const json& value) {
  json claims = good_claims();
  claims[claim] = value;
  return signed_token(good_header(), claims);
}

}  // namespace

TEST_CASE("whom the list does not name may not ask, and is told what to do") {
  Gate gate(false, true);
  const std::string other = token_with("sub", "self-registered");
  CHECK(gate.bearer(other) == 403);
  const HttpReply refused =
      gate.reply(ask_from("10.0.0.1", {{"authorization", "Bearer " + other}}));
  CHECK(refused.body.find("--http-allow") != std::string::npos);
  gate.write_list("self-registered\n");
  gate.access.reload();
  CHECK(gate.bearer(other) == 200);
  CHECK(gate.bearer(good_token()) == 403);
  gate.write_list("self-registered reads\n");  // it is wrong: what it said before holds
  gate.access.reload();
  CHECK(gate.bearer(other) == 200);
}

TEST_CASE("without a list, no user of the project may ask") {
  ScratchDir scratch;
  Loop loop;
  HttpStub google(HttpStub::Answer([](const std::string&) { return keys_answer(); }));
  ApiAccess access(loop.io.get_executor(),
                   {.firebase_project = kProject, .keys = {.url = google.host()}});
  const auto answer = loop.run(access.rights(
      ask_from("127.0.0.1", {{"host", "127.0.0.1"}, {"authorization", "Bearer " + good_token()}})));
  REQUIRE(std::holds_alternative<HttpReply>(answer));
  CHECK(std::get<HttpReply>(answer).status == 403);
  CHECK(std::get<HttpReply>(answer).body.find("--http-allow") != std::string::npos);
}

TEST_CASE("who signed in anonymously may not ask, whatever the list says") {
  Gate gate(false, true);
  CHECK(gate.bearer(token_with("firebase", {{"sign_in_provider", "anonymous"}})) == 403);
  CHECK(gate.bearer(token_with("firebase", {{"sign_in_provider", "custom"}})) == 200);
  CHECK(gate.bearer(token_with("firebase", json::object())) == 401);
}

TEST_CASE("the operator's token manages, this machine reads, a user has what the list says") {
  const AccountId first = account_id_for("+40737123397");
  const AccountId second = account_id_for("+40711111111");
  Gate gate(true, true);
  gate.write_list("Ab3dUser manage " + first.str() + "\nAb3dUser read " + second.str() + "\n");
  gate.access.reload();
  const auto of = [&](const std::string& token) {
    return gate.rights(ask_from("10.0.0.1", {{"authorization", "Bearer " + token}}));
  };
  CHECK(of(kToken).allow(ApiRole::kManage, second));
  const ApiRights user = of(good_token());
  CHECK(user.allow(ApiRole::kManage, first));
  CHECK(user.allow(ApiRole::kRead, second));
  CHECK_FALSE(user.allow(ApiRole::kManage, second));
  CHECK_FALSE(user.allow(ApiRole::kRead, account_id_for("+40722222222")));
  Gate open(false, false);
  const ApiRights local = open.rights(ask_from("127.0.0.1", {{"host", "127.0.0.1"}}));
  CHECK(local.allow(ApiRole::kRead, first));
  CHECK_FALSE(local.allow(ApiRole::kManage, first));
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
  const auto answer =
      loop.run(access.rights(ask_from("10.0.0.1", {{"authorization", "Bearer " + good_token()}})));
  REQUIRE(std::holds_alternative<HttpReply>(answer));
  CHECK(std::get<HttpReply>(answer).status == 503);
}

TEST_CASE("a project that is none is refused at once") {
  Loop loop;
  for (const char* name : {"", "a/b", "a b", "x\n"})
    CHECK_THROWS_AS(ApiAccess(loop.io.get_executor(), {.firebase_project = name}), Error);
}

TEST_CASE("@staff needs a Firestore that has the Inbox") {
  const ScratchDir scratch;
  std::ofstream(scratch.path() / "allow") << "@staff\n";
  Loop loop;
  const ApiAccessOptions options{.firebase_project = kProject,
                                 .allow_file = scratch.path() / "allow"};
  CHECK_THROWS_WITH_AS(ApiAccess(loop.io.get_executor(), options), doctest::Contains("@staff"),
                       Error);
}

TEST_CASE(
    "a user who is staff only comes in when the staff can be looked up; others do all the same") {
  SmallFirestore firestore;
  firestore.instead = [&](const std::string&, const nlohmann::json&) {
    return synthetic::kept("{}", "403 Forbidden");
  };
  const Gate google(false, false);
  const ScratchDir scratch;
  std::ofstream(scratch.path() / "allow") << "@staff\nAb3dUser\n";
  Loop loop;
  ApiAccess access(loop.io.get_executor(),
                   {.firebase_project = kProject,
                    .allow_file = scratch.path() / "allow",
                    .keys = {.url = google.google.host()},
                    .inbox = FirestoreInbox{.target = firestore.target(),
                                            .credentials = firestore.credentials()}});
  const auto status = [&](const std::string& token) {
    const auto answer =
        loop.run(access.rights(ask_from("10.0.0.1", {{"authorization", "Bearer " + token}})));
    const auto* refused = std::get_if<HttpReply>(&answer);
    return refused != nullptr ? refused->status : 200;
  };
  CHECK(status(good_token()) == 200);
  std::ofstream(scratch.path() / "allow") << "@staff\n";
  access.reload();
  CHECK(status(good_token()) == 503);
  access.stop();
}

}  // namespace api_access_test
