#include "diagnose/repair_firestore.h"

#include "unit/firestore/small_firestore.h"

namespace repair_firestore_test {

using namespace wasync;
using namespace wasync::diagnosis;
using namespace wasync::test;
using nlohmann::json;

namespace {

const std::string kRoot = "projects/p/databases/(default)/documents/";
const json kMessageTime = {{"timestampValue", "2025-06-01T12:00:00.5Z"}};

// One thread of another writer, and what is asked and written.
struct Other {
  InboxFile file;
  SmallFirestore server;
  HttpClient http;
  std::shared_ptr<Credentials> credentials = server.credentials();
  firestore::Client client{http, *credentials, server.target()};
  std::int64_t reads = 0;
  FirestoreSite site{.client = client, .database = file.db, .reads = reads, .now = kNow};
  std::string id = file.account.str() + "__" + std::string(kAna);
  json thread = json::object();  // its fields
  json message = {{"tsClient", kMessageTime}, {"direction", {{"stringValue", "outbound"}}}};
  std::vector<json> commits{};
  int refusals = 0;  // commits to be refused
  std::function<void()> meanwhile{};

  Other() {
    server.instead = [this](const std::string& path, const json& body) {
      if (path.find(":commit") != std::string::npos) return commit(body);
      json out = json::array();
      if (path.find(":batchGet") != std::string::npos)
        out.push_back({{"found", document("threads/" + id, thread)}});
      else if (path.find("/threads/") != std::string::npos)
        out.push_back(message.is_null()
                          ? json{{"readTime", "2026-01-01T00:00:00Z"}}
                          : json{{"document", document("threads/" + id + "/messages/A", message)}});
      else
        out.push_back({{"document", document("threads/" + id, thread)}});
      return synthetic::kept(out.dump());
    };
  }

  static json document(const std::string& path, const json& fields) {
    return {{"name", kRoot + path}, {"fields", fields}, {"updateTime", "2025-06-02T00:00:00Z"}};
  }
  std::string commit(const json& body) {
    commits.push_back(body);
    if (refusals-- <= 0) return synthetic::kept("{}");
    if (meanwhile) meanwhile();
    const std::string error =
        json{{"error", {{"code", 400}, {"status", "FAILED_PRECONDITION"}, {"message", "changed"}}}}
            .dump();
    return "HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(error.size()) +
           "\r\n\r\n" + error;
  }
  Repair repair() const {
    return {.account = file.account,
            .document = "threads/" + id,
            .work = SetTime{.in_firestore = true}};
  }
  RepairPlan plan() {
    RepairPlan out;
    plan_firestore(site, file.account, out);
    return out;
  }
};

}  // namespace

TEST_CASE("a thread without a time: planned, and written only over what was read") {
  Other other;
  const RepairPlan plan = other.plan();
  REQUIRE(plan.repairs.size() == 1);
  CHECK(std::get<SetTime>(plan.repairs[0].work).time.value == 1'748'779'200);
  CHECK(other.commits.empty());
  CHECK(other.reads == 2);

  CHECK(set_time(other.site, plan.repairs[0]).end == RepairEnd::kDone);
  REQUIRE(other.commits.size() == 1);
  const json& write = other.commits[0]["writes"][0];
  CHECK(write["currentDocument"]["updateTime"] == "2025-06-02T00:00:00Z");
  CHECK(write["update"]["fields"] ==
        json{{"lastMessageAt", {{"timestampValue", "2025-06-01T12:00:00.5Z"}}},
             {"lastMessageAtMs", {{"integerValue", "1748779200500"}}},
             {"lastMessageDirection", {{"stringValue", "outbound"}}}});
}

TEST_CASE("what somebody else sets meanwhile wins") {
  Other other;
  other.refusals = 1;
  other.meanwhile = [&] { other.thread["lastMessageAt"] = kMessageTime; };
  CHECK(set_time(other.site, other.repair()).end == RepairEnd::kAlready);
  CHECK(other.commits.size() == 1);
}

TEST_CASE("another change of the thread is no reason to give up, for some times") {
  Other other;
  other.refusals = 2;
  CHECK(set_time(other.site, other.repair()).end == RepairEnd::kDone);
  CHECK(other.commits.size() == 3);
  other.refusals = 100;
  CHECK_THROWS_AS(set_time(other.site, other.repair()), firestore::FailedRequest);
  CHECK(other.commits.size() == 3 + kMostTries);
}

TEST_CASE("a time is never invented, nor taken from a message that cannot be") {
  Other other;
  other.message = nullptr;
  CHECK(other.plan().left.at(0).why == LeftBecause::kNoMessage);
  for (const json& time :
       {json{{"timestampValue", "2099-01-01T00:00:00Z"}},
        json{{"timestampValue", "1970-01-01T00:00:01Z"}}, json{{"stringValue", "yesterday"}}}) {
    CAPTURE(time.dump());
    other.message = {{"tsClient", time}};
    other.thread["lastMessageAtMs"] = {{"integerValue", "1748779200500"}};
    const RepairPlan plan = other.plan();
    CHECK(plan.repairs.empty());
    CHECK(plan.left.at(0).why == LeftBecause::kImplausibleTime);
    CHECK(set_time(other.site, other.repair()).end == RepairEnd::kAlready);
  }
  CHECK(other.commits.empty());
}

TEST_CASE("the time that this host has for the thread holds where it is later") {
  Other other;
  other.message = nullptr;
  other.file.put(inbound(kAna, "A", "x", 0));
  CHECK(std::get<SetTime>(other.plan().repairs.at(0).work).time == kNow);
}

TEST_CASE("a mangled id is only told") {
  Other other;
  other.id = other.file.account.str() + "__[object Object]";
  const RepairPlan plan = other.plan();
  CHECK(plan.repairs.empty());
  CHECK(plan.left.at(0).why == LeftBecause::kMangledId);
}

TEST_CASE("two threads are one person's only if WhatsApp says so") {
  Other other;
  other.thread["lastMessageAt"] = kMessageTime;
  other.id = other.file.account.str() + "__" + std::string(kAnaLid);
  CHECK(other.plan().left.empty());  // nothing names a phone
  const Repair repair{
      .account = other.file.account,
      .document = "threads/" + other.id,
      .work = Redirect{.in_firestore = true,
                       .into = "threads/" + other.file.account.str() + "__" + std::string(kAna)}};
  const int asked = other.server.requests();
  CHECK(redirect(other.site, repair).end == RepairEnd::kAlready);
  CHECK(other.server.requests() == asked);
}

}  // namespace repair_firestore_test
