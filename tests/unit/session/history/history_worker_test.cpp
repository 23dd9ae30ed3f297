#include "session/history/history_worker.h"

#include <boost/asio/thread_pool.hpp>

#include "history/media_crypto.h"
#include "inbox/history_queue.h"
#include "proto/peer_message.pb.h"
#include "unit/http_stub.h"
#include "unit/session/online.h"

namespace history_worker_test {

using namespace wasync;
using namespace wasync::test;
using synthetic::HttpStub;
using synthetic::ok;

namespace {

void enqueue(Online& online, const pb::HistorySyncNotification& notification,
             std::string message_id) {
  Transaction transaction(online.account.db, "test");
  HistoryQueue(online.account.db)
      .add({.received_at = UnixSeconds::now(),
            .type = pb::HISTORY_SYNC_RECENT,
            .progress = 100,
            .notification = to_bytes(notification.SerializeAsString()),
            .message_id = std::move(message_id)});
  transaction.commit();
}

// A chunk of the phone without any data in it; with `path`, one that must be downloaded.
void announce(Online& online, std::string message_id, const std::string& path = {}) {
  pb::HistorySyncNotification notification;
  notification.set_sync_type(pb::HISTORY_SYNC_RECENT);
  notification.set_progress(100);
  notification.set_direct_path(path);
  if (!path.empty()) {
    notification.set_media_key(std::string(32, 'k'));
    notification.set_file_sha256(std::string(32, 'p'));
    notification.set_file_enc_sha256(std::string(32, 'c'));
  }
  enqueue(online, notification, std::move(message_id));
}

struct Working {
  Online& online;
  std::vector<std::string> log{};
  boost::asio::thread_pool workers{1};
  std::uintmax_t free = std::uintmax_t{1} << 40;
  HistoryWorker worker{online.server.loop.io.get_executor(),
                       workers.get_executor(),
                       online.account.db,
                       online.account.file,
                       events(),
                       {},
                       [this](const std::filesystem::path&) { return free; }};

  HistoryWorkerEvents events() {
    return {.on_progress = [](const ChunkStatus&) {},
            .on_done = [this](const ChunkStatus&) { log.emplace_back("done"); },
            .on_failed = [this](const ChunkStatus&,
                                const Error& error) { log.emplace_back(name(error.code())); }};
  }
  void drain() { online.server.loop.run(worker.drain(online.session)); }
};

std::size_t owed(Online& online) {
  return HistoryQueue(online.account.db).owed_receipts().size();
}

// A chunk without any data in it, as a blob that its notification announces.
std::string announce_blob(Online& online, std::string message_id) {
  const Bytes nothing = to_bytes(std::string_view("\x78\x9c\x03\x00\x00\x00\x00\x01", 8));
  const Bytes key(32, 'k');
  const EncryptedBlob blob = encrypt_blob(kHistoryMedia, nothing, key);
  pb::HistorySyncNotification notification;
  notification.set_sync_type(pb::HISTORY_SYNC_RECENT);
  notification.set_progress(100);
  notification.set_direct_path("/v/" + message_id);
  notification.set_media_key(to_string(key));
  notification.set_file_sha256(to_string(blob.file_sha256));
  notification.set_file_enc_sha256(to_string(blob.file_enc_sha256));
  enqueue(online, notification, std::move(message_id));
  return to_string(blob.data);
}

// After the connection was lost.
void come_back(Online& online) {
  CHECK(online.end() == ErrorCode::kNetwork);
  online.server.loop.run_until([&] { return online.serving->done; });
  online.arrived.clear();
  online.ready = false;
  online.answer = [&](const Node& iq) { return online.usual_answer(iq); };
  online.log_in();
}

bool is_ping(const Node& iq) {
  return iq.child("ping") != nullptr;
}

}  // namespace

TEST_CASE("what is ingested is receipted, and owed no longer once the server has read that") {
  Online online;
  online.log_in();
  Working working{online};
  announce(online, "H1");
  announce(online, "H2");
  online.answer = [&](const Node& iq) {
    if (is_ping(iq)) CHECK(owed(online) == 2);  // not before the answer
    return online.usual_answer(iq);
  };
  working.drain();
  for (const char* id : {"H1", "H2"}) {
    const Node receipt = online.next();
    CHECK(receipt.tag == "receipt");
    CHECK(receipt.text("type") == "hist_sync");
    CHECK(receipt.text("id") == id);
    CHECK(receipt.jid("to") == jid(kOwnPhone));
  }
  CHECK(owed(online) == 0);
  CHECK(working.log == std::vector<std::string>{"done", "done"});
}

TEST_CASE("what a history leaves of the log is given back") {
  Online online;
  online.log_in();
  Working working{online};
  announce(online, "H1");
  const std::filesystem::path log = online.account.file.string() + "-wal";
  constexpr std::uintmax_t kShort = 64 << 10;  // the receipt's commit comes after it
  REQUIRE(std::filesystem::file_size(log) > kShort);
  working.drain();
  CHECK(std::filesystem::file_size(log) < kShort);
}

TEST_CASE("a receipt that did not get through is sent at the next login") {
  Online online;
  online.log_in();
  Working working{online};
  announce(online, "H1");
  online.answer = [&](const Node& iq) {
    if (!is_ping(iq)) return online.usual_answer(iq);
    online.remote->abort();
    return Node();
  };
  CHECK(code_of([&] { working.drain(); }) == ErrorCode::kNetwork);
  CHECK(working.log == std::vector<std::string>{"done"});
  CHECK(owed(online) == 1);

  come_back(online);
  working.drain();
  CHECK(online.next().text("id") == "H1");
  CHECK(owed(online) == 0);
  CHECK(working.log.size() == 1);
}

TEST_CASE("a chunk that the disk has no room for waits, and the account stays online") {
  Online online;
  online.log_in();
  Working working{online};
  HistoryQueue queue(online.account.db);
  pb::HistorySyncNotification notification;
  notification.set_sync_type(pb::HISTORY_SYNC_RECENT);
  notification.set_progress(100);
  notification.set_file_length(100 << 20);
  enqueue(online, notification, "H1");
  for (const std::uintmax_t mebibytes : {0U, 10U, 100U, 500U}) {
    working.free = mebibytes << 20;
    queue.failed(1, "due", {1});
    working.drain();
    CHECK(working.log.empty());
    CHECK(queue.counts().waiting == 1);
    CHECK(queue.next_due()->value > UnixSeconds::now().value);
    CHECK(queue.last_error().find("no room") != std::string::npos);
  }
  CHECK(online.session->is_open());
  working.free = std::uintmax_t{2} << 30;
  queue.failed(1, "due", {1});
  working.drain();
  CHECK(working.log == std::vector<std::string>{"done"});
}

TEST_CASE("a chunk out of reach waits, one that cannot be trusted is given up") {
  Online online;
  online.log_in();
  Working working{online};
  HistoryQueue queue(online.account.db);
  SUBCASE("no media host answers") {
    announce(online, "H1", "/v/blob");
    working.drain();
    CHECK(queue.counts().waiting == 1);
    CHECK(queue.next_due()->value > UnixSeconds::now().value);
    CHECK(working.log.empty());
  }
  SUBCASE("its address is no address") {
    announce(online, "H1", "not a path");
    working.drain();
    CHECK(queue.counts().failed == 1);
    CHECK(working.log == std::vector<std::string>{"protocol"});
    CHECK(owed(online) == 0);
  }
  SUBCASE("the connection ends while it asks where to download from: no attempt is counted") {
    announce(online, "H1", "/v/blob");
    online.answer = [&](const Node& iq) {
      if (iq.child("media_conn") == nullptr) return online.usual_answer(iq);
      online.remote->abort();
      return Node();
    };
    CHECK(code_of([&] { working.drain(); }) == ErrorCode::kNetwork);
    CHECK(queue.next(UnixSeconds::now())->attempts == 0);
  }
  // The others do not wait for it.
  if (online.session->is_open()) {
    announce(online, "H2");
    working.drain();
    CHECK(working.log.back() == "done");
  }
}

TEST_CASE("a blob is deleted at the servers once it is committed and receipted") {
  Online online;
  online.log_in();
  Working working{online};
  const std::string first = announce_blob(online, "H1");
  HttpStub media({ok(first), ok("")});
  online.media_host = media.host().substr(std::string_view("http://").size());
  working.drain();
  CHECK(working.log == std::vector<std::string>{"done"});
  CHECK(online.next().text("id") == "H1");
  REQUIRE(media.requests().size() == 2);
  CHECK(media.requests()[0].starts_with("GET /v/H1"));
  CHECK(media.requests()[1].starts_with("DELETE /mms/md-msg-hist/"));
  CHECK(media.requests()[1].find("auth=let-me") != std::string::npos);
}

TEST_CASE("a damaged blob is asked for again, once, and stays at the servers") {
  Online online;
  online.log_in();
  Working working{online};
  HistoryQueue queue(online.account.db);
  std::string blob = announce_blob(online, "H1");
  blob[0] ^= 1;
  HttpStub media({ok(blob), ok(blob), ok("")});
  online.media_host = media.host().substr(std::string_view("http://").size());
  working.drain();
  const Node asked = online.next();
  CHECK(asked.tag == "receipt");
  CHECK(asked.text("type") == "server-error");
  CHECK(asked.text("id") == "H1");
  CHECK(asked.text("category") == "peer");
  CHECK(working.log.empty());
  CHECK(queue.counts().waiting == 1);
  CHECK(queue.next_due()->value >= UnixSeconds::now().value + 50);

  online.account.db.execute("UPDATE history_queue SET next_attempt_at = 0");
  working.drain();
  CHECK(working.log == std::vector<std::string>{"media"});
  CHECK(queue.counts().failed == 1);
  CHECK(media.requests().size() == 2);
  CHECK(online.arrived.empty());
}

TEST_CASE("a blob that is gone is taken in when the phone has uploaded it again") {
  Online online;
  online.log_in();
  Working working{online};
  const std::string first = announce_blob(online, "H1");
  HttpStub media({"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ok(first), ok("")});
  online.media_host = media.host().substr(std::string_view("http://").size());
  working.drain();
  CHECK(online.next().text("type") == "server-error");
  announce_blob(online, "H2");
  working.drain();
  CHECK(working.log == std::vector<std::string>{"done"});
  const Node receipt = online.next();
  CHECK(receipt.text("type") == "hist_sync");
  CHECK(receipt.text("id") == "H2");
  CHECK(HistoryQueue(online.account.db).counts().waiting == 0);
  CHECK(media.requests()[1].starts_with("GET /v/H2"));
}

TEST_CASE("a request for a blob that may have been lost is repeated at the next login") {
  Online online;
  online.log_in();
  Working working{online};
  announce_blob(online, "H1");
  HttpStub media({"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"});
  online.media_host = media.host().substr(std::string_view("http://").size());
  working.drain();
  CHECK(online.next().text("type") == "server-error");
  working.drain();
  online.settle();
  CHECK(online.arrived.empty());

  // The wait begins anew, also when it had passed meanwhile.
  online.account.db.execute("UPDATE history_queue SET next_attempt_at = 1");
  online.remote->abort();
  come_back(online);
  working.drain();
  const Node asked = online.next();
  CHECK(asked.text("type") == "server-error");
  CHECK(asked.text("id") == "H1");
  CHECK(HistoryQueue(online.account.db).next_due()->value >= UnixSeconds::now().value + 50);
  CHECK(working.log.empty());
  working.drain();
  online.settle();
  CHECK(online.arrived.empty());
}

TEST_CASE("a phone whose uploads never help is not asked for ever") {
  Online online;
  online.log_in();
  Working working{online};
  const std::string gone = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  HttpStub media(std::vector<std::string>(30, gone));
  online.media_host = media.host().substr(std::string_view("http://").size());
  for (int i = 0; i < 12; ++i) {
    announce_blob(online, "H" + std::to_string(i));
    working.drain();
    online.account.db.execute("UPDATE history_queue SET next_attempt_at = 0");
    working.drain();
  }
  CHECK(working.log.size() == 12);
  CHECK(media.requests().size() == 12 + 10);  // each once, and those asked for twice
  CHECK(online.arrived.size() == 10);
}

TEST_CASE("a deletion that fails changes nothing") {
  Online online;
  online.log_in();
  Working working{online};
  const std::string first = announce_blob(online, "H1");
  HttpStub media({ok(first), "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"});
  online.media_host = media.host().substr(std::string_view("http://").size());
  working.drain();
  CHECK(working.log == std::vector<std::string>{"done"});
  CHECK(media.requests().size() == 2);
  CHECK(owed(online) == 0);
}

}  // namespace history_worker_test
