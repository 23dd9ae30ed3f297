#include "firestore/client.h"

#include <doctest/doctest.h>

#include <atomic>

#include "google/credentials.h"
#include "unit/google/google.h"

namespace client_test {

using namespace wasync;
using namespace wasync::firestore;
using namespace wasync::test;
using synthetic::HttpStub;
using synthetic::kept;

namespace {

const std::string kRoot = "projects/p/databases/(default)/documents";
const std::string kUrl = "/v1/projects/p/databases/%28default%29/documents";

// Answers every request with `answer` says; the first line and the body of each are kept.
struct Service {
  std::function<std::string()> answer = [] { return kept("[]"); };
  HttpStub stub{[this](const std::string&) { return answer(); }};
  Surroundings here;
  HttpClient http;
  std::unique_ptr<Credentials> credentials;
  std::atomic<bool> interrupted = false;

  explicit Service(std::string body = "[]") {
    answer = [body = std::move(body)] { return kept(body); };
    here.variables["FIRESTORE_EMULATOR_HOST"] = emulator();
    find_credentials();
  }
  void find_credentials() {
    credentials = std::make_unique<Credentials>(Credentials::find(here.environment()));
  }
  std::string emulator() const { return "127.0.0.1:" + std::to_string(stub.port()); }
  Client client() {
    const bool local = credentials->emulator().has_value();
    return {
        http,
        *credentials,
        {.project = "p", .emulator = local ? emulator() : "", .origin = local ? "" : stub.host()},
        [this] { return interrupted.load(); }};
  }
  json sent() const { return json::parse(synthetic::body_of(stub.requests().back())); }
  std::string asked() const {
    const std::string request = stub.requests().back();
    return request.substr(0, request.find(" HTTP/"));
  }
};

std::string refusal(const char* status_line, const char* status, const std::string& headers = {}) {
  return kept(json{{"error", {{"status", status}, {"message", "so it is"}}}}.dump(), status_line,
              headers);
}

json document(const std::string& path) {
  return {{"name", kRoot + "/" + path},
          {"fields", {{"n", {{"integerValue", "5"}}}}},
          {"updateTime", "2026-01-02T03:04:05.000006Z"}};
}

// The same bodies are no answer to any of them.
void check_nonsense(const std::string& body) {
  CAPTURE(body);
  const std::string path = "a/b";
  std::string token;
  for (const auto& question : std::vector<std::function<void(Client&)>>{
           [&](Client& it) { it.run_query({.collection = "threads"}); },
           [&](Client& it) { it.batch_get(std::span(&path, 1)); },
           [&](Client& it) { it.count({.collection = "threads"}); },
           [&](Client& it) { it.list("threads", 10, token); }}) {
    Service service(body);
    Client client = service.client();
    CHECK(error_of([&] { question(client); }).code() == ErrorCode::kProtocol);
    CHECK(service.stub.requests().size() == 1);
  }
}

}  // namespace

TEST_CASE("a query is sent as it is meant") {
  Service service;
  Client client = service.client();
  client.run_query({.collection = "threads"});
  CHECK(service.asked() == "POST " + kUrl + ":runQuery");
  CHECK(service.stub.requests().back().find("Authorization: Bearer owner\r\n") !=
        std::string::npos);
  const json by_name = {{{"field", {{"fieldPath", "__name__"}}}, {"direction", "ASCENDING"}}};
  CHECK(
      service.sent() ==
      json{{"structuredQuery", {{"from", {{{"collectionId", "threads"}}}}, {"orderBy", by_name}}}});

  client.run_query({.parent = "threads/a b/x",
                    .collection = "messages",
                    .equal = {{"accountId", "acc\"ount"}, {"odd name", std::int64_t{5}}},
                    .order_by = "lastMessageAt",
                    .descending = true,
                    .limit = 7,
                    .start_after = "threads/last",
                    .fields = {"name", "odd.name"}});
  CHECK(service.asked() == "POST " + kUrl + "/threads/a%20b/x:runQuery");
  const auto equals = [](const char* field, json value) {
    return json{
        {"fieldFilter", {{"field", {{"fieldPath", field}}}, {"op", "EQUAL"}, {"value", value}}}};
  };
  const json query = service.sent()["structuredQuery"];
  CHECK(query["where"]["compositeFilter"]["op"] == "AND");
  CHECK(query["where"]["compositeFilter"]["filters"] ==
        json::array({equals("accountId", {{"stringValue", "acc\"ount"}}),
                     equals("`odd name`", {{"integerValue", "5"}})}));
  CHECK(query["orderBy"] ==
        json::array({{{"field", {{"fieldPath", "lastMessageAt"}}}, {"direction", "DESCENDING"}}}));
  CHECK(query["limit"] == 7);
  CHECK(query["startAt"] ==
        json{{"before", false}, {"values", {{{"referenceValue", kRoot + "/threads/last"}}}}});
  CHECK(query["select"]["fields"] ==
        json::array({{{"fieldPath", "name"}}, {{"fieldPath", "`odd.name`"}}}));

  client.run_query({.collection = "threads", .equal = {{"a", true}}});
  CHECK(service.sent()["structuredQuery"]["where"] == equals("a", {{"booleanValue", true}}));
}

TEST_CASE("what a query finds, between elements that hold nothing") {
  Service service(json{
      {{"readTime", "2026-01-01T00:00:00Z"}},
      {{"document", document("threads/a/messages/b")}},
      {{"document", {{"name", kRoot + "/threads/c"}}}},
      {{"done",
        true}}}.dump());
  const auto found = service.client().run_query({.collection = "threads"});
  REQUIRE(found.size() == 2);
  CHECK(found[0].path == "threads/a/messages/b");
  CHECK(found[0].id() == "b");
  CHECK(found[0].fields == Fields{{"n", std::int64_t{5}}});
  REQUIRE(found[0].updated_at);
  CHECK(found[0].updated_at->nanos == 6000);
  CHECK(found[1].fields.empty());
  CHECK_FALSE(found[1].updated_at);
}

TEST_CASE("answers that are none are said to be none") {
  for (const char* body : {"", "<html>", "5", "null", "\"x\"", "[5]", "[[]]", "{\"documents\":5}"})
    check_nonsense(body);
  const auto refuses = [](const json& found) {
    CAPTURE(found.dump());
    Service service(json::array({{{"document", found}, {"found", found}}}).dump());
    Client client = service.client();
    const std::string path = "threads/a";
    CHECK(error_of([&] { client.run_query({.collection = "threads"}); }).code() ==
          ErrorCode::kProtocol);
    CHECK(error_of([&] { client.batch_get(std::span(&path, 1)); }).code() == ErrorCode::kProtocol);
  };
  refuses(5);
  refuses(json::object());
  refuses({{"name", 5}});
  refuses({{"name", kRoot + "/threads/a"}, {"fields", 5}});
  refuses({{"name", kRoot + "/threads/a"}, {"fields", {{"x", {{"noSuchValue", 1}}}}}});
  // Of another database: nothing that we asked for.
  refuses({{"name", "projects/q/databases/(default)/documents/threads/a"}});
  refuses({{"name", "projects/p/databases/(default)/documentsX/threads/a"}});
}

TEST_CASE("documents come in the order they were asked for, and some are missing") {
  Service service(json{{{"found", document("threads/b")}},
                       {{"missing", kRoot + "/threads/x"}},
                       {{"found", document("threads/a")}},
                       {{"found", document("threads/unasked")}}}
                      .dump());
  const std::vector<std::string> paths = {"threads/a", "threads/x", "threads/b"};
  const auto found = service.client().batch_get(paths, {"n", "odd name"});
  CHECK(service.asked() == "POST " + kUrl + ":batchGet");
  CHECK(service.sent() ==
        json{{"documents", {kRoot + "/threads/a", kRoot + "/threads/x", kRoot + "/threads/b"}},
             {"mask", {{"fieldPaths", {"n", "`odd name`"}}}}});
  REQUIRE(found.size() == 3);
  CHECK(found[0]->path == "threads/a");
  CHECK_FALSE(found[1]);
  CHECK(found[2]->path == "threads/b");
}

TEST_CASE("how many there are") {
  Service service(R"([{"result":{"aggregateFields":{"n":{"integerValue":"1234"}}}}])");
  CHECK(service.client().count({.collection = "threads", .equal = {{"a", "b"}}}) == 1234);
  CHECK(service.asked() == "POST " + kUrl + ":runAggregationQuery");
  const json query = service.sent()["structuredAggregationQuery"];
  CHECK(query["aggregations"] == json::array({{{"alias", "n"}, {"count", json::object()}}}));
  CHECK(query["structuredQuery"]["from"] == json::array({{{"collectionId", "threads"}}}));
  for (const char* none :
       {"[]", "[{}]", R"([{"result":5}])", R"([{"result":[]}])", R"([{"result":[1,2]}])",
        R"([{"result":{"aggregateFields":["n"]}}])", R"([{"result":{"aggregateFields":{"n":5}}}])",
        R"([{"result":{"aggregateFields":{"n":{"stringValue":"5"}}}}])"}) {
    CAPTURE(none);
    Service odd(none);
    CHECK(error_of([&] { odd.client().count({.collection = "threads"}); }).code() ==
          ErrorCode::kProtocol);
  }
}

TEST_CASE("pages of a list, whatever is in their tokens") {
  Service service(
      json{{"documents", {document("threads/a")}}, {"nextPageToken", "a+b/c=&x"}}.dump());
  Client client = service.client();
  std::string token;
  CHECK(client.list("threads/a b/messages", 2, token, {"n", "odd name"}).size() == 1);
  CHECK(service.asked() == "GET " + kUrl +
                               "/threads/a%20b/messages?pageSize=2&mask.fieldPaths=n"
                               "&mask.fieldPaths=%60odd%20name%60");
  CHECK(token == "a+b/c=&x");
  client.list("threads", 2, token);
  CHECK(service.asked() == "GET " + kUrl + "/threads?pageSize=2&pageToken=a%2Bb%2Fc%3D%26x");
  // An empty collection, and the end, have no token.
  Service empty("{}");
  CHECK(empty.client().list("threads", 2, token).empty());
  CHECK(token.empty());
}

TEST_CASE("a commit is one request, and can demand that nothing changed meanwhile") {
  Service service("{}");
  Client client = service.client();
  const std::vector<DocumentWrite> writes = {{.path = "a/1", .fields = {{"x", true}}},
                                             {.path = "a/2", .removed = {"y"}}};
  client.commit(writes);
  CHECK(service.asked() == "POST " + kUrl + ":commit");
  CHECK(service.sent()["writes"].size() == 2);
  CHECK_FALSE(service.sent()["writes"][0].contains("currentDocument"));
  client.commit(writes, parse_timestamp("2026-01-02T03:04:05.000006Z"));
  const json sent = service.sent();
  for (const json& write : sent["writes"])
    CHECK(write["currentDocument"] == json{{"updateTime", "2026-01-02T03:04:05.000006Z"}});
  CHECK(sent["writes"][1]["update"]["name"] == kRoot + "/a/2");
}

TEST_CASE("a batch's statuses, write by write") {
  Service service(R"({"status":[{},{"code":3,"message":"bad"},{"code":0},{"code":14}]})");
  Client client = service.client();
  const auto results_of = [&](std::size_t count) {
    std::optional<std::variant<WriteResults, Failure>> results;
    client.batch_write(std::string(Client::kBatchHead) + std::string(Client::kBatchTail), count,
                       [&](auto told) { results = std::move(told); });
    while (!results) service.http.poll(std::chrono::seconds(1));
    return *std::move(results);
  };
  const auto four = results_of(4);
  const auto& statuses = std::get<WriteResults>(four);
  CHECK_FALSE(statuses[0]);
  REQUIRE(statuses[1]);
  CHECK(statuses[1]->kind == FailureKind::kInvalid);
  CHECK(statuses[1]->message.in(Language::kEnglish) == "bad");
  CHECK_FALSE(statuses[2]);
  REQUIRE(statuses[3]);
  CHECK(statuses[3]->worth_retrying());
  // Written or not, nobody knows.
  for (const std::size_t count : {0U, 3U, 5U})
    CHECK(std::get<Failure>(results_of(count)).kind == FailureKind::kMalformed);
}

TEST_CASE("a token that is not accepted is asked for anew, once") {
  std::atomic<int> given = 0;
  HttpStub tokens([&](const std::string&) { return token_answer("t" + std::to_string(++given)); });
  Service service;
  service.here.variables.erase("FIRESTORE_EMULATOR_HOST");
  service.here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = key_file(tokens.host()).dump();
  service.find_credentials();
  const auto bearer = [&] {
    const std::string request = service.stub.requests().back();
    const auto at = request.find("Bearer ");
    return request.substr(at, request.find('\r', at) - at);
  };
  SUBCASE("the new one is") {
    service.answer = [&, first = true]() mutable {
      return std::exchange(first, false) ? refusal("401 No", "UNAUTHENTICATED") : kept("[]");
    };
    CHECK(service.client().run_query({.collection = "threads"}).empty());
    CHECK(bearer() == "Bearer t2");
  }
  SUBCASE("the new one neither") {
    service.answer = [] { return refusal("401 No", "UNAUTHENTICATED"); };
    CHECK(error_of([&] { service.client().run_query({.collection = "threads"}); }).code() ==
          ErrorCode::kFirestoreRefused);
  }
  CHECK(service.stub.requests().size() == 2);
  CHECK(given == 2);
}

TEST_CASE("its answers tell what time it is, an emulator's do not") {
  const HttpStub tokens([](const std::string&) { return token_answer("t"); });
  const OtherClock google{std::chrono::hours(10)};
  Service service;
  service.answer = [&] { return kept("[]", "200 OK", date_header(google.now())); };
  SUBCASE("of an emulator") {
    service.client().run_query({.collection = "threads"});
    CHECK_FALSE(google.is_ours());
  }
  service.here.variables.erase("FIRESTORE_EMULATOR_HOST");
  service.here.variables["FIREBASE_SERVICE_ACCOUNT_JSON"] = key_file(tokens.host()).dump();
  service.find_credentials();
  SUBCASE("of a question") {
    service.client().run_query({.collection = "threads"});
    CHECK(google.is_ours());
  }
  SUBCASE("of a batch") {
    bool done = false;
    Client client = service.client();
    client.batch_write(R"({"writes": []})", 0, [&](const auto&) { done = true; });
    while (!done) service.http.poll(std::chrono::milliseconds(100));
    CHECK(google.is_ours());
  }
}

TEST_CASE("a service that is busy is asked again when it says, if that is soon") {
  Service service;
  Client client = service.client();
  const auto began = std::chrono::steady_clock::now();
  const auto took = [&] { return std::chrono::steady_clock::now() - began; };
  const auto busy_for = [](const char* seconds) {
    return refusal("503 Busy", "UNAVAILABLE", std::string("Retry-After: ") + seconds + "\r\n");
  };
  SUBCASE("soon") {
    service.answer = [&, first = true]() mutable {
      return std::exchange(first, false) ? busy_for("1") : kept("[]");
    };
    CHECK(client.run_query({.collection = "threads"}).empty());
    CHECK(took() >= std::chrono::seconds(1));
    CHECK(service.stub.requests().size() == 2);
  }
  SUBCASE("much later") {
    service.answer = [&] { return busy_for("600"); };
    const Error error = error_of([&] { client.run_query({.collection = "threads"}); });
    CHECK(error.code() == ErrorCode::kFirestoreUnreachable);
    CHECK(service.stub.requests().size() == 1);
    CHECK(took() < std::chrono::seconds(10));
  }
  SUBCASE("not at all: we are to stop") {
    service.answer = [&] {
      service.interrupted = true;
      return busy_for("15");
    };
    CHECK(error_of([&] { client.run_query({.collection = "threads"}); }).code() ==
          ErrorCode::kInterrupted);
    CHECK(took() < std::chrono::seconds(10));
  }
}

TEST_CASE("a refusal is thrown at once, as what it was") {
  Service service;
  service.answer = [] { return refusal("403 No", "PERMISSION_DENIED"); };
  Client client = service.client();
  try {
    client.run_query({.collection = "threads"});
    FAIL("nothing was thrown");
  } catch (const FailedRequest& error) {
    CHECK(error.code() == ErrorCode::kFirestoreRefused);
    CHECK(error.failure.kind == FailureKind::kPermissionDenied);
    CHECK(error.failure.message.in(Language::kEnglish) == "so it is");
    CHECK(says(error, "project p"));
  }
  CHECK(service.stub.requests().size() == 1);
}

TEST_CASE("a user's credentials name who pays") {
  HttpStub tokens([](const std::string&) { return token_answer("t1"); });
  Service service;
  service.here.variables.erase("FIRESTORE_EMULATOR_HOST");
  service.here.variables["GOOGLE_APPLICATION_CREDENTIALS"] =
      service.here.file("user.json", user_file(tokens.host()).dump());
  service.find_credentials();
  service.client().run_query({.collection = "threads"});
  CHECK(service.stub.requests().back().find("x-goog-user-project: billed\r\n") !=
        std::string::npos);
}

}  // namespace client_test
