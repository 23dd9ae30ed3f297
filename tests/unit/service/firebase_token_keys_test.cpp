#include "service/firebase_token_keys.h"

#include <doctest/doctest.h>

#include <atomic>

#include "unit/service/firebase_user.h"
#include "unit/wire/loopback.h"

namespace firebase_token_keys_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
using synthetic::HttpStub;
using wasync::testing::Loop;
using Keys = FirebaseTokenKeys;

namespace {

HttpAnswer answer_with(const std::string& body, const std::string& cache_control,
                       const std::string& age = {}) {
  HttpAnswer answer;
  answer.status = 200;
  answer.headers = {{"cache-control", cache_control}};
  if (!age.empty()) answer.headers.emplace_back("age", age);
  answer.body = body;
  return answer;
}

std::string one_key() {
  return json{{kKeyId, certificate_of(usual_key())}}.dump();
}

struct Google {
  std::atomic<bool> ill{false};
  HttpStub stub{HttpStub::Answer([this](const std::string&) {
    return ill ? synthetic::kept("", "503 Busy") : keys_answer();
  })};
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
  Loop loop;
  Keys keys{loop.io.get_executor(), {.url = stub.host() + "/keys", .now = [this] { return now; }}};

  bool knows(const std::string& id) {
    return std::holds_alternative<std::shared_ptr<const RsaPublicKey>>(loop.run(keys.find(id)));
  }
  bool unavailable(const std::string& id) {
    return std::holds_alternative<Keys::Unavailable>(loop.run(keys.find(id)));
  }
  std::size_t fetches() { return stub.requests().size(); }
};

}  // namespace

TEST_CASE("keys are good for as long as their answer says, within bounds") {
  const auto age = [](const std::string& cache_control, const std::string& spent = {}) {
    return parse_keys(answer_with(one_key(), cache_control, spent)).value().max_age;
  };
  CHECK(age("public, max-age=19302, must-revalidate") == 19302s);
  CHECK(age("max-age=19302", "302") == 19000s);
  CHECK(age("max-age=0") == 60s);
  CHECK(age("max-age=4000000000") == 24h);
  CHECK(age("max-age=x") == 5min);
  CHECK(age("no-store") == 5min);
}

TEST_CASE("what are no keys") {
  for (const std::string& body :
       {std::string(), std::string("[]"), std::string("{}"), std::string("{\"a\":1}"),
        std::string("{\"a\":\"-----BEGIN CERTIFICATE-----\"}"), std::string("<html>")})
    CHECK_FALSE(parse_keys(answer_with(body, "max-age=60")));
  json many;
  for (int i = 0; i < 33; ++i) many["k" + std::to_string(i)] = "x";
  many["good"] = certificate_of(usual_key());
  CHECK_FALSE(parse_keys(answer_with(many.dump(), "max-age=60")));
}

TEST_CASE("a certificate of a weak key, or of no RSA key, is left out") {
  const Key weak = new_rsa_key(1024);
  const Key curve{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  const json keys = {{"weak", certificate_of(weak.get())},
                     {"curve", certificate_of(curve.get())},
                     {"good", certificate_of(usual_key())}};
  const auto parsed = parse_keys(answer_with(keys.dump(), "max-age=60"));
  REQUIRE(parsed);
  CHECK(parsed->by_id.size() == 1);
  CHECK(parsed->by_id.contains("good"));
}

TEST_CASE("keys are fetched once, and again when they are old") {
  Google google;
  CHECK(google.fetches() == 0);
  CHECK(google.knows(kKeyId));
  CHECK(google.knows(kKeyId));
  CHECK(google.fetches() == 1);
  google.now += 3601s;
  CHECK(google.knows(kKeyId));
  CHECK(google.fetches() == 2);
}

TEST_CASE("a storm of unknown key ids is a fetch a minute") {
  Google google;
  CHECK(google.knows(kKeyId));
  for (int i = 0; i < 50; ++i) CHECK_FALSE(google.knows("storm" + std::to_string(i)));
  CHECK(google.fetches() == 1);
  google.now += 61s;
  for (int i = 0; i < 50; ++i) CHECK_FALSE(google.knows("storm" + std::to_string(i)));
  CHECK(google.fetches() == 2);
}

TEST_CASE("who asks at the same time waits for the same fetch") {
  Google google;
  std::vector<std::shared_ptr<wasync::testing::Outcome<Keys::Found>>> asking;
  for (int i = 0; i < 20; ++i) asking.push_back(google.loop.spawn(google.keys.find(kKeyId)));
  for (auto& each : asking)
    CHECK(std::holds_alternative<std::shared_ptr<const RsaPublicKey>>(google.loop.finish(each)));
  CHECK(google.fetches() == 1);
}

TEST_CASE("while Google does not answer, old keys are not believed and nobody hammers it") {
  Google google;
  CHECK(google.knows(kKeyId));
  google.ill = true;
  google.now += 3601s;
  for (int i = 0; i < 20; ++i) CHECK(google.unavailable(kKeyId));
  CHECK(google.fetches() == 2);
  google.ill = false;
  google.now += 11s;
  CHECK(google.knows(kKeyId));
  CHECK(google.fetches() == 3);
}

TEST_CASE("stop ends a fetch under way") {
  Loop loop;
  HttpStub stub(HttpStub::Answer([](const std::string&) { return std::string(HttpStub::kHang); }));
  Keys keys(loop.io.get_executor(), {.url = stub.host()});
  auto asking = loop.spawn(keys.find(kKeyId));
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (stub.requests().empty() && std::chrono::steady_clock::now() < limit) {
    loop.io.restart();
    loop.io.run_for(10ms);
  }
  keys.stop();
  const auto stopped_at = std::chrono::steady_clock::now();
  CHECK(std::holds_alternative<Keys::Unavailable>(loop.finish(asking)));
  CHECK(std::chrono::steady_clock::now() - stopped_at < 3s);  // not after its own patience
}

TEST_CASE("another address for the keys is for tests on this machine") {
  const auto url = [](const char* text) {
    return firebase_keys_url([text](const char*) { return std::optional<std::string>(text); });
  };
  CHECK(firebase_keys_url([](const char*) { return std::nullopt; }) == kFirebaseKeysUrl);
  CHECK(url("http://127.0.0.1:99/keys") == "http://127.0.0.1:99/keys");
  CHECK(url("http://[::1]:99/") == "http://[::1]:99/");
  for (const char* text : {"https://127.0.0.1:99/", "http://example.com:80/", "keys",
                           "http://127.0.0.1:99@example.com:80/", "http://127.0.0.1.example.com:1/",
                           "http://example.com/127.0.0.1:1"})
    CHECK_THROWS_AS(url(text), Error);
}

}  // namespace firebase_token_keys_test
