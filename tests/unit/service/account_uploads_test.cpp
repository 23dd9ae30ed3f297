#include "service/account_uploads.h"

#include "firestore/upload_thread.h"
#include "unit/firestore/small_firestore.h"
#include "unit/service/held.h"

namespace account_uploads_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;

namespace {

struct Uploading : Held {
  SmallFirestore server;
  std::atomic<bool> away = false;
  std::optional<firestore::UploadThread> thread{};
  std::shared_ptr<AccountUploads> uploads;

  Uploading() {
    server.instead = [this](const std::string&, const nlohmann::json&) {
      return away ? synthetic::kept("{}", "503 Busy") : std::string();
    };
    thread.emplace(FirestoreInbox{.target = server.target(), .credentials = server.credentials()},
                   quick_options());
    uploads = std::make_shared<AccountUploads>(loop.io.get_executor(), &**thread,
                                               state.account_file(id), held);
  }
  std::string path_of(const std::string& message) const {
    return "threads/" + thread_id_for(id, jid(kAna)).str() + "/messages/" + message;
  }
  void until_sent(const std::string& message) {
    until([&] { return server.documents().contains(path_of(message)); });
  }
  template <typename Condition>
  void until(Condition condition) {
    test::until(loop, condition);
  }
  std::size_t tellings() const { return events<service_event::Upload>(told).size(); }
};

}  // namespace

TEST_CASE("without Firestore nothing is to be done") {
  Held it;
  const auto uploads = std::make_shared<AccountUploads>(it.loop.io.get_executor(), nullptr,
                                                        it.state.account_file(it.id), it.held);
  uploads->start();
  uploads->wake();
  CHECK_FALSE(uploads->running());
  CHECK_FALSE(uploads->state());
  it.loop.run(uploads->end(1h));
  CHECK(it.told.empty());
}

TEST_CASE("what is unsent goes out, and what comes later when it is told of") {
  Uploading it;
  it.put_message(kAna, "A");
  it.uploads->start();
  CHECK(it.uploads->running());
  it.until_sent("A");
  it.put_message(kAna, "B");
  it.uploads->wake();
  it.until_sent("B");
  it.put_message(kAna, "C");
  it.loop.run(it.uploads->end(20s));
  CHECK(it.server.documents().contains(it.path_of("C")));
  CHECK_FALSE(it.uploads->running());
  CHECK(it.uploads->state()->queued == 0);
  CHECK(it.tellings() == 1);  // that it goes well is news once
  CHECK(it.ended.empty());
}

TEST_CASE("that Firestore is away is told once, and that it is there again") {
  Uploading it;
  it.away = true;
  it.put_message(kAna, "A");
  it.uploads->start();
  it.until([&] { return it.uploads->state() && it.uploads->state()->trouble; });
  const std::size_t told = it.tellings();
  it.away = false;
  it.until([&] { return !it.uploads->state()->trouble; });
  CHECK(it.tellings() == told + 1);
  it.loop.run(it.uploads->end(20s));
}

TEST_CASE("at the end Firestore is waited for, but not for ever") {
  Uploading it;
  it.away = true;
  it.put_message(kAna, "A");
  it.uploads->start();
  it.until([&] { return it.uploads->state() && it.uploads->state()->trouble; });
  const auto begin = std::chrono::steady_clock::now();
  it.loop.run(it.uploads->end(50ms));
  CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
  CHECK_FALSE(it.uploads->running());
  // Whoever has the account next sends it.
  it.away = false;
  it.uploads->start();
  it.until_sent("A");
  it.loop.run(it.uploads->end(20s));
}

TEST_CASE("a file that cannot be used ends the connection") {
  Uploading it;
  it.db().execute("DROP TABLE account");
  it.uploads->start();
  it.until([&] { return !it.ended.empty(); });
  CHECK_FALSE(it.uploads->running());
  it.loop.run(it.uploads->end(1h));  // there is nothing to wait for
}

TEST_CASE("one that is gone is told nothing") {
  Uploading it;
  it.put_message(kAna, "A");
  it.uploads->start();
  it.uploads.reset();
  it.until_sent("A");
  it.thread.reset();
  it.loop.io.restart();
  it.loop.io.poll();
  CHECK(it.told.empty());
}

}  // namespace account_uploads_test
