#include "firestore/uploader.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "small_firestore.h"

namespace uploader_test {

using namespace wasync;
using namespace wasync::firestore;
using namespace wasync::test;
using nlohmann::json;

namespace {

constexpr std::string_view kBogdan = "40722222222@s.whatsapp.net";

void fill(InboxFile& file, int messages) {
  file.write([&](InboxWriter& inbox) {
    for (int i = 0; i < messages; ++i)
      inbox.put_message(
          inbound(kAna, "A" + std::to_string(i), "text " + std::to_string(i), 1000 - i));
    inbox.put_message(inbound(kBogdan, "B", "newest", 5));
    inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"});
  });
}

std::string message_path(InboxFile& file, std::string_view chat, const std::string& id) {
  return "threads/" + file.thread_id(chat).str() + "/messages/" + id;
}

std::size_t place(const std::vector<std::string>& order, const std::string& path) {
  return static_cast<std::size_t>(std::ranges::find(order, path) - order.begin());
}

std::string refusal(const char* status_line, const char* status, const std::string& headers = {}) {
  return synthetic::kept(json{{"error", {{"status", status}, {"message", "so it is"}}}}.dump(),
                         status_line, headers);
}

}  // namespace

TEST_CASE("everything arrives once, a thread after its messages, the newest thread first") {
  InboxFile file;
  fill(file, 20);
  SmallFirestore server;
  const UploadState state = upload_all(file, server);
  CHECK(state.written == 25);  // 21 messages, 2 threads, contact, account
  CHECK(state.queued == 0);
  CHECK(state.set_aside == 0);
  CHECK_FALSE(state.trouble);
  const auto order = server.order();
  CHECK(order.size() == 25);
  const std::string ana = "threads/" + file.thread_id(kAna).str();
  const std::string bogdan = "threads/" + file.thread_id(kBogdan).str();
  CHECK(order.front() == "accounts/" + file.account.str());
  for (int i = 0; i < 20; ++i)
    CHECK(place(order, message_path(file, kAna, "A" + std::to_string(i))) < place(order, ana));
  CHECK(place(order, message_path(file, kBogdan, "B")) <
        place(order, message_path(file, kAna, "A19")));
  CHECK(place(order, bogdan) < order.size());

  // A second run has nothing to do, and asks nothing but who is there.
  const int before = server.requests();
  CHECK(upload_all(file, server).written == 0);
  CHECK(server.requests() == before);
}

TEST_CASE("a document that is refused alone is set aside, the rest arrives") {
  InboxFile file;
  fill(file, 20);
  SmallFirestore server;
  const std::string bad = message_path(file, kAna, "A7");
  server.status_of = [&](const std::string& name) {
    return name == bad ? json{{"code", 3}, {"message", "maximum entity size is 1048576 bytes"}}
                       : json();
  };
  const UploadState state = upload_all(file, server);
  CHECK(state.set_aside == 1);
  CHECK(state.queued == 0);
  CHECK(server.documents().size() == 24);
  CHECK(server.documents().contains("threads/" + file.thread_id(kAna).str()));
  CHECK(file.number("SELECT count(*) FROM messages WHERE upload_error LIKE '%maximum entity%'") ==
        1);
}

TEST_CASE("a batch that is refused as a whole is halved until the document at fault is alone") {
  InboxFile file;
  fill(file, 100);
  SmallFirestore server;
  const std::string bad = message_path(file, kAna, "A42");
  server.instead = [&](const std::string& path, const json& body) -> std::string {
    if (path.find(":batchWrite") == std::string::npos) return {};
    for (const auto& each : body["writes"])
      if (each["update"]["name"].get<std::string>().ends_with(bad))
        return refusal("400 Bad Request", "INVALID_ARGUMENT");
    return {};
  };
  const UploadState state = upload_all(file, server);
  CHECK(state.set_aside == 1);
  CHECK(state.queued == 0);
  CHECK(server.documents().size() == 104);
  CHECK(server.requests() < 40);
}

TEST_CASE("a request that is too large is sent in halves") {
  InboxFile file;
  fill(file, 64);
  SmallFirestore server;
  server.instead = [](const std::string& path, const json& body) -> std::string {
    const bool large = path.find(":batchWrite") != std::string::npos && body["writes"].size() > 10;
    return large ? refusal("413 Too Large", "INVALID_ARGUMENT") : std::string();
  };
  CHECK(upload_all(file, server).queued == 0);
  CHECK(server.documents().size() == 69);
}

TEST_CASE("a service that is away, busy or over its quota is waited for") {
  for (const char* line : {"503 Busy", "500 Oops", "429 Too Many Requests", "409 Conflict"}) {
    CAPTURE(line);
    InboxFile file;
    fill(file, 20);
    SmallFirestore server;
    int failures = 3;
    server.instead = [&](const std::string& path, const json&) -> std::string {
      if (path.find(":batchWrite") == std::string::npos || failures-- <= 0) return {};
      const bool quota = std::string_view(line).starts_with("429");
      return refusal(line, quota ? "RESOURCE_EXHAUSTED" : "ABORTED");
    };
    std::vector<FailureKind> told;
    UploadOptions options = quick_options();
    UploadState state = upload_all(file, server, options);
    CHECK(state.queued == 0);
    CHECK_FALSE(state.trouble);
    CHECK(server.documents().size() == 25);
  }
}

TEST_CASE("a write that failed in passing is sent again, and its thread waits for it") {
  InboxFile file;
  fill(file, 20);
  SmallFirestore server;
  const std::string slow = message_path(file, kAna, "A3");
  int failures = 2;
  server.status_of = [&](const std::string& name) {
    return name == slow && failures-- > 0 ? json{{"code", 14}, {"message", "later"}} : json();
  };
  CHECK(upload_all(file, server).queued == 0);
  const auto order = server.order();
  CHECK(order.size() == 25);  // nothing twice
  CHECK(place(order, slow) < place(order, "threads/" + file.thread_id(kAna).str()));
}

TEST_CASE("a connection that breaks before the answer costs a second writing, no more") {
  InboxFile file;
  fill(file, 20);
  SmallFirestore server;
  int cuts = 2;
  server.instead = [&](const std::string& path, const json&) -> std::string {
    if (path.find(":batchWrite") == std::string::npos || cuts-- <= 0) return {};
    return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{";
  };
  CHECK(upload_all(file, server).queued == 0);
  CHECK(server.documents().size() == 25);
}

TEST_CASE("answers that make no sense mark nothing as sent") {
  for (const char* body :
       {"", "no json", "[]", "{}", R"({"status":[]})", R"({"status":5})", R"({"status":[5]})"}) {
    CAPTURE(body);
    InboxFile file;
    fill(file, 3);
    SmallFirestore server;
    bool sense = false;
    server.instead = [&](const std::string& path, const json&) -> std::string {
      if (path.find(":batchWrite") == std::string::npos || std::exchange(sense, true)) return {};
      return synthetic::kept(body);
    };
    CHECK(upload_all(file, server).queued == 0);
    CHECK(server.documents().size() == 8);
  }
}

TEST_CASE("a refusal of everything is told, and stopping leaves all of it for later") {
  InboxFile file;
  fill(file, 20);
  SmallFirestore server;
  server.instead = [](const std::string&, const json&) {
    return refusal("403 Forbidden", "PERMISSION_DENIED");
  };
  UploadState last;
  Uploader uploader({.target = server.target(), .credentials = server.credentials()},
                    quick_options());
  uploader.add(file.scratch.path() / "wa-sync.db", [&](const UploadState& state) {
    last = state;
    if (state.trouble) uploader.stop();
  });
  uploader.finish();
  uploader.run();
  REQUIRE(last.trouble);
  CHECK_FALSE(last.trouble->worth_retrying());
  CHECK(count_dirty(file.db).rows == 25);
  CHECK(server.documents().empty());
}

TEST_CASE("what changes while it is under way is sent again") {
  InboxFile file;
  file.put(inbound(kAna, "A", "first", 100));
  SmallFirestore server;
  bool changed = false;
  server.instead = [&](const std::string& path, const json& body) -> std::string {
    if (path.find(":batchWrite") == std::string::npos || changed) return {};
    for (const auto& each : body["writes"]) {
      if (!each["update"]["name"].get<std::string>().ends_with("/messages/A")) continue;
      changed = true;
      Database other(file.scratch.path() / "wa-sync.db", Database::Mode::kReadWrite);
      Transaction transaction(other, "test");
      InboxWriter inbox(other, kNow);
      inbox.put_edit({.chat = jid(kAna),
                      .target = {.id = "A", .remote_jid = std::string(kAna)},
                      .by = jid(kAna),
                      .body = "second",
                      .at = kNow});
      inbox.flush();
      transaction.commit();
    }
    return {};
  };
  CHECK(upload_all(file, server).queued == 0);
  CHECK(server.document(message_path(file, kAna, "A"))["body"]["stringValue"] == "second");
}

TEST_CASE("what the Inbox holds already keeps its source and times; other writers' fields stay") {
  InboxFile file;
  fill(file, 2);
  SmallFirestore server;
  const std::string ana = file.thread_id(kAna).str();
  server.account_exists = true;
  server.found = {{{"name", "projects/p/databases/(default)/documents/threads/" + ana},
                   {"fields",
                    {{"accountId", {{"stringValue", file.account.str()}}},
                     {"displayName", {{"stringValue", "Anișoara"}}},
                     {"lastMessageAt", {{"timestampValue", "2030-01-01T00:00:00Z"}}}}}}};
  server.put("threads/" + ana, {{"assignedTo", "maria"}, {"lastMessageAt", "theirs"}});
  server.put(message_path(file, kAna, "A0"),
             {{"syncSource", "theirs"}, {"createdAt", "then"}, {"notes", "kept"}});
  CHECK(upload_all(file, server).queued == 0);
  const json message = server.document(message_path(file, kAna, "A0"));
  CHECK(message["syncSource"] == "theirs");
  CHECK(message["createdAt"] == "then");
  CHECK(message["notes"] == "kept");
  CHECK(message["body"]["stringValue"] == "text 0");
  CHECK(server.document(message_path(file, kAna, "A1"))["syncSource"]["stringValue"] == "realtime");
  const json thread = server.document("threads/" + ana);
  CHECK(thread["assignedTo"] == "maria");
  CHECK(thread["lastMessageAt"] == "theirs");
  CHECK_FALSE(server.document("accounts/" + file.account.str()).contains("createdAt"));
}

TEST_CASE("another database gets everything anew") {
  InboxFile file;
  fill(file, 5);
  SmallFirestore one;
  upload_all(file, one);
  SmallFirestore other;
  upload_all(file, other);
  CHECK(other.documents().size() == one.documents().size());
}

TEST_CASE("it runs until it is told that nothing more comes") {
  InboxFile file;
  fill(file, 3);
  SmallFirestore server;
  const auto path = file.scratch.path() / "wa-sync.db";
  Uploader uploader({.target = server.target(), .credentials = server.credentials()},
                    quick_options());
  uploader.add(path);
  std::thread thread([&] { uploader.run(); });
  while (!server.documents().contains("threads/" + file.thread_id(kAna).str()))
    std::this_thread::yield();
  file.put(inbound(kAna, "late", "news", 1));
  uploader.wake(path);
  while (!server.documents().contains(message_path(file, kAna, "late"))) std::this_thread::yield();
  uploader.finish();
  thread.join();
  CHECK(count_dirty(file.db).rows == 0);
}

TEST_CASE(
    "several accounts are served beside each other, and one that ends does not end the rest") {
  InboxFile one;
  InboxFile two;
  fill(one, 300);
  fill(two, 3);
  SmallFirestore server;
  const auto path_of = [](const InboxFile& file) { return file.scratch.path() / "wa-sync.db"; };
  std::map<std::string, bool> ended;  // and whether in order
  const auto on_end = [&](const std::string& which) {
    return [&ended, which](const std::exception_ptr& error) { ended[which] = error == nullptr; };
  };
  Uploader uploader({.target = server.target(), .credentials = server.credentials()},
                    quick_options());
  uploader.add(path_of(one), {}, on_end("one"));
  uploader.add(one.scratch.path() / "none.db", {}, on_end("none"));
  uploader.add(path_of(two), {}, on_end("two"));
  uploader.finish();
  uploader.run();
  CHECK(ended == std::map<std::string, bool>{{"none", false}, {"one", true}, {"two", true}});
  CHECK(count_dirty(one.db).rows == 0);
  CHECK(count_dirty(two.db).rows == 0);
}

TEST_CASE("an account that is removed is left alone") {
  InboxFile file;
  fill(file, 3);
  const auto path = file.scratch.path() / "wa-sync.db";
  SmallFirestore server;
  Uploader uploader({.target = server.target(), .credentials = server.credentials()},
                    quick_options());
  std::atomic<bool> removed = false;
  uploader.add(path, {}, [&](const std::exception_ptr& error) { removed = error == nullptr; });
  uploader.remove(path);
  std::thread thread([&] { uploader.run(); });
  while (!removed) std::this_thread::yield();
  file.put(inbound(kAna, "late", "news", 1));
  uploader.wake(path);
  uploader.stop();
  thread.join();
  CHECK(count_dirty(file.db).rows > 0);
}

}  // namespace uploader_test
