#include "firestore/adoption.h"

#include <algorithm>

#include "small_firestore.h"

namespace adoption_test {

using namespace wasync;
using namespace wasync::firestore;
using namespace wasync::test;
using nlohmann::json;

namespace {

const std::string kDocuments = "projects/p/databases/(default)/documents/";

// A SmallFirestore that answers queries in pages, as Firestore does.
struct PagedFirestore : SmallFirestore {
  std::vector<json> threads{};  // by name
  std::vector<json> queries{};
  std::size_t refused_query = 0;  // counted from 1

  PagedFirestore() {
    instead = [this](const std::string& path, const json& body) -> std::string {
      if (path.find(":runQuery") == std::string::npos) return {};
      queries.push_back(body["structuredQuery"]);
      if (queries.size() == refused_query)
        return synthetic::kept(R"({"error":{"status":"PERMISSION_DENIED"}})", "403 No");
      return synthetic::kept(page_of(queries.back()).dump());
    };
  }
  void hold_threads(const InboxFile& file, int count) {
    for (int i = 0; i < count; ++i)
      hold(file.thread_id(std::to_string(40'700'000'000 + i) + "@s.whatsapp.net").str());
  }
  void hold(const std::string& id) {
    threads.push_back({{"name", kDocuments + "threads/" + id},
                       {"fields",
                        {{"displayName", {{"stringValue", "Theirs"}}},
                         {"lastMessageAt", {{"timestampValue", "2025-01-01T00:00:00Z"}}}}}});
  }
  std::int64_t adopted_by(InboxFile& file) {
    HttpClient http;
    const auto allowed = credentials();
    Client client(http, *allowed, target());
    return adopt(file.db, client);
  }

 private:
  json page_of(const json& query) const {
    auto from = threads.begin();
    if (query.contains("startAt")) {
      const std::string last = query["startAt"]["values"][0]["referenceValue"];
      from =
          std::ranges::find_if(threads, [&](const json& each) { return each["name"] == last; }) + 1;
    }
    json out = json::array();
    for (; from != threads.end() && out.size() < query["limit"]; ++from)
      out.push_back({{"document", *from}});
    out.push_back({{"readTime", "2026-01-01T00:00:00Z"}, {"done", true}});
    return out;
  }
};

std::int64_t stored_threads(InboxFile& file) {
  return file.number("SELECT count(*) FROM threads");
}

}  // namespace

TEST_CASE("all threads are read once, page by page, and nothing of the account's own is asked") {
  InboxFile file;
  PagedFirestore server;
  server.hold_threads(file, 700);
  CHECK(server.adopted_by(file) == 700);
  CHECK(stored_threads(file) == 700);
  CHECK(count_dirty(file.db).rows == 1);  // the account: what is adopted is there already
  REQUIRE(server.queries.size() == 3);
  for (const json& query : server.queries) {
    CHECK(query["limit"] == 300);
    CHECK(query["where"]["fieldFilter"]["field"]["fieldPath"] == "accountId");
    CHECK(query["where"]["fieldFilter"]["value"]["stringValue"] == file.account.str());
    CHECK(query["orderBy"][0]["field"]["fieldPath"] == "__name__");
    CHECK(query["select"]["fields"].size() == 15);
  }
  CHECK_FALSE(server.queries[0].contains("startAt"));
  CHECK(server.queries[1]["startAt"]["before"] == false);
  CHECK(server.queries[1]["startAt"]["values"][0]["referenceValue"] == server.threads[299]["name"]);

  // The target is remembered: not even a question.
  const int before = server.requests();
  CHECK(server.adopted_by(file) == 0);
  CHECK(server.requests() == before);
}

TEST_CASE("a last page that is full is followed by an empty one") {
  InboxFile file;
  PagedFirestore server;
  server.hold_threads(file, 600);
  CHECK(server.adopted_by(file) == 600);
  CHECK(server.queries.size() == 3);
}

TEST_CASE("broken off half way it is repeated, and nothing comes twice") {
  InboxFile file;
  PagedFirestore server;
  server.hold_threads(file, 700);
  server.refused_query = 2;
  CHECK_THROWS_AS(server.adopted_by(file), FailedRequest);
  CHECK(stored_threads(file) == 300);
  CHECK(upload_target(file.db).empty());
  const std::int64_t revisions = file.revisions();
  server.refused_query = 0;
  CHECK(server.adopted_by(file) == 700);
  CHECK(stored_threads(file) == 700);
  CHECK_FALSE(upload_target(file.db).empty());
  CHECK(file.revisions() >= revisions);
  CHECK(count_dirty(file.db).rows == 1);
}

TEST_CASE("whether the Inbox knows the account decides who made it") {
  for (const bool known : {false, true}) {
    CAPTURE(known);
    InboxFile file;
    PagedFirestore server;
    server.account_exists = known;
    server.adopted_by(file);
    const auto mark = dirty_account(file.db);
    REQUIRE(mark);
    CHECK(mark->first_upload != known);
  }
}

TEST_CASE("ids of another form are left alone, the others are taken") {
  InboxFile file;
  PagedFirestore server;
  for (const std::string& id : {std::string("[object Object]"), std::string("x"),
                                file.account.str() + "__", file.account.str() + "__nonsense"})
    server.hold(id);
  server.hold(file.thread_id(kAna).str());
  CHECK(server.adopted_by(file) == 1);
  CHECK(stored_threads(file) == 1);
  CHECK(file.thread(kAna).name == "Theirs");
}

TEST_CASE("a thread whose id belongs to another account is not taken over") {
  InboxFile file;
  PagedFirestore server;
  server.hold(thread_id_for(account_id_for("+40700000001"), jid(kAna)).str());
  CHECK(server.adopted_by(file) == 0);
  CHECK_FALSE(file.has_thread(kAna));
}

TEST_CASE("another database is another Inbox: nothing is in it yet") {
  InboxFile file;
  file.put(inbound(kAna, "A", "text", 100));
  SmallFirestore one;
  upload_all(file, one);
  CHECK(count_dirty(file.db).rows == 0);
  const std::string first = upload_target(file.db);
  PagedFirestore other;
  CHECK(other.adopted_by(file) == 0);
  CHECK(upload_target(file.db) != first);
  CHECK(count_dirty(file.db).rows == 3);
  CHECK(dirty_account(file.db)->first_upload);
}

TEST_CASE("an account file without an account asks nothing") {
  ScratchDir scratch;
  Database db(scratch.path() / "wa-sync.db");
  migrate_inbox(db);
  SmallFirestore server;
  HttpClient http;
  const auto allowed = server.credentials();
  Client client(http, *allowed, server.target());
  try {
    adopt(db, client);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNotPaired);
  }
  CHECK(server.requests() == 0);
}

}  // namespace adoption_test
