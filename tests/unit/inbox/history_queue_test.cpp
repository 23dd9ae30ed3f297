#include "inbox/history_queue.h"

#include "fixture.h"

namespace history_queue_test {

using namespace wasync;
using namespace wasync::test;

namespace {

HistoryItem item(std::string key, std::int64_t received_at, int chunk_order) {
  HistoryItem out;
  out.received_at = {received_at};
  out.type = 3;
  out.chunk_order = chunk_order;
  out.notification = to_bytes(std::string_view("bytes of "));
  append(out.notification, as_bytes(key));
  out.message_id = "MSG" + key;
  out.request_id = "R";
  out.dedupe_key = std::move(key);
  return out;
}

}  // namespace

TEST_CASE("items come by arrival, then chunk order, and survive being reopened") {
  InboxFile file;
  HistoryQueue queue(file.db);
  REQUIRE(queue.add(item("late", 200, 1)));
  REQUIRE(queue.add(item("second", 100, 2)));
  REQUIRE(queue.add(item("first", 100, 1)));
  Database again(file.scratch.path() / "wa-sync.db");
  HistoryQueue reopened(again);
  std::string order;
  while (const auto next = reopened.next({1000})) {
    CHECK(as_text(next->notification) == "bytes of " + next->dedupe_key);
    CHECK(next->message_id == "MSG" + next->dedupe_key);
    CHECK(next->request_id == "R");
    CHECK(next->type == 3);
    order += next->dedupe_key + " ";
    reopened.done(next->id, {1000});
  }
  CHECK(order == "first second late ");
  CHECK(queue.counts().done == 3);
  CHECK_FALSE(queue.next_due());
}

TEST_CASE("a notification is queued once, also after it is done") {
  InboxFile file;
  HistoryQueue queue(file.db);
  const auto id = queue.add(item("a", 1, 1));
  REQUIRE(id);
  CHECK_FALSE(queue.add(item("a", 2, 1)));
  queue.done(*id, {10});
  CHECK_FALSE(queue.add(item("a", 3, 1)));
  CHECK(file.number("SELECT count(*) FROM history_queue WHERE notification IS NOT NULL") == 0);
  queue.clear();
  CHECK(queue.add(item("a", 4, 1)));
  HistoryItem keyless = item("", 5, 1);
  CHECK(queue.add(keyless));
  CHECK_FALSE(queue.add(keyless));  // the carrying message's id stands in
}

TEST_CASE("a failed item waits for its time, and lets the next one go first") {
  InboxFile file;
  HistoryQueue queue(file.db);
  const auto first = queue.add(item("first", 1, 1));
  REQUIRE(queue.add(item("second", 2, 1)));
  queue.failed(*first, "download\nfailed", {500});
  CHECK(queue.next({100})->dedupe_key == "second");
  const auto retried = queue.next({500});
  REQUIRE(retried);
  CHECK(retried->dedupe_key == "first");
  CHECK(retried->attempts == 1);
  CHECK(retried->last_error == "download failed");
  CHECK(queue.next_due()->value == 0);
  queue.done(queue.next({100})->id, {100});
  CHECK(queue.next_due()->value == 500);
}

TEST_CASE("an item that was put off while the clock was a year ahead is due at once") {
  InboxFile file;
  HistoryQueue queue(file.db);
  const UnixSeconds now{1'790'000'000};
  queue.failed(*queue.add(item("a", 1, 1)), "no network", {now.value + 31'536'000});
  CHECK(queue.next(now));
  queue.failed(1, "no network", {now.value + 1280});
  CHECK_FALSE(queue.next(now));
}

TEST_CASE("an item given up stays known and can be retried") {
  InboxFile file;
  HistoryQueue queue(file.db);
  const auto id = queue.add(item("a", 1, 1));
  queue.failed(*id, "gone", {});
  CHECK_FALSE(queue.next({1'000'000}));
  CHECK(queue.counts().failed == 1);
  CHECK(queue.counts().waiting == 0);
  CHECK(queue.retry_failed() == 1);
  CHECK(queue.next({1})->attempts == 1);
  // What is done does not fail any more.
  queue.done(*id, {5});
  queue.failed(*id, "late", {});
  CHECK(queue.counts().done == 1);
}

TEST_CASE("an item given up waits again when it is announced again") {
  InboxFile file;
  HistoryQueue queue(file.db);
  queue.failed(*queue.add(item("a", 1, 1)), "gone", {});
  HistoryItem again = item("a", 2, 1);
  again.message_id = "another";
  REQUIRE(queue.add(again));
  CHECK(queue.counts().failed == 0);
  CHECK(queue.next({2})->message_id == "another");
  CHECK(queue.next({2})->attempts == 0);
}

TEST_CASE("what is done owes a receipt until that is delivered, and again when sent again") {
  InboxFile file;
  HistoryQueue queue(file.db);
  const auto id = queue.add(item("a", 1, 1));
  queue.add(item("b", 2, 1));
  CHECK(queue.owed_receipts().empty());
  queue.done(*id, {10});
  auto owed = queue.owed_receipts();
  REQUIRE(owed.size() == 1);
  CHECK(owed[0].message_id == "MSGa");
  queue.receipt_delivered(owed[0]);
  CHECK(queue.owed_receipts().empty());

  HistoryItem repeated = item("a", 3, 1);
  repeated.message_id = "repeated";
  CHECK_FALSE(queue.add(repeated));
  REQUIRE(queue.owed_receipts().size() == 1);
  CHECK(queue.owed_receipts()[0].message_id == "repeated");
  queue.receipt_delivered(owed[0]);  // the first message's says nothing about the second's
  CHECK(queue.owed_receipts().size() == 1);
}

TEST_CASE("what was taken in or given up is remembered with how far it went") {
  InboxFile file;
  HistoryQueue queue(file.db);
  HistoryItem half = item("a", 1, 1);
  half.progress = 50;
  const auto first = queue.add(half);
  const auto second = queue.add(item("b", 2, 2));
  queue.add(item("c", 3, 3));
  CHECK(queue.finished().empty());
  queue.done(*first, {10});
  queue.failed(*second, "gone", {});
  REQUIRE(queue.finished().size() == 2);
  CHECK(queue.finished()[0].progress == 50);
  CHECK(queue.finished()[0].type == 3);
}

TEST_CASE("what is uploaded again takes the place of what was awaited") {
  InboxFile file;
  HistoryQueue queue(file.db);
  const auto id = queue.add(item("gone", 1, 1));
  REQUIRE(id);
  CHECK_FALSE(queue.next({100})->reupload_asked);
  queue.await_reupload(*id, "it is gone", {500});
  CHECK_FALSE(queue.next({100}));
  CHECK(queue.next_due()->value == 500);
  HistoryItem fresh = item("gone", 2, 1);
  SUBCASE("sealed anew") {
    fresh = item("fresh", 2, 1);
  }
  SUBCASE("the same at another place") {
    fresh.message_id = "MSGfresh";
  }
  fresh.notification = to_bytes(std::string_view("elsewhere"));
  CHECK(queue.add(fresh) == id);
  const auto next = queue.next({100});
  REQUIRE(next);
  CHECK(next->message_id == fresh.message_id);
  CHECK(next->dedupe_key == fresh.dedupe_key);
  CHECK(as_text(next->notification) == "elsewhere");
  CHECK(next->reupload_asked);
  // Only once: another chunk that says the same of itself is one of its own.
  CHECK(queue.add(item("other", 3, 1)) != id);
  CHECK(queue.counts().waiting == 2);
}

TEST_CASE("other chunks do not take the place of what is awaited") {
  InboxFile file;
  HistoryQueue queue(file.db);
  const auto done = queue.add(item("done", 1, 1));
  queue.done(*done, {10});
  const auto id = queue.add(item("gone", 1, 1));
  queue.await_reupload(*id, "it is gone", {500});
  CHECK(queue.add(item("next", 2, 2)) != id);
  CHECK_FALSE(queue.add(item("done", 2, 1)));
  CHECK(queue.next({600})->message_id == "MSGgone");
}

TEST_CASE("what is awaited again is awaited anew, what has come or was given up is not") {
  InboxFile file;
  HistoryQueue queue(file.db);
  CHECK(queue.await_reuploads_again({900}).empty());
  queue.await_reupload(*queue.add(item("gone", 1, 1)), "it is gone", {500});
  const auto come = queue.add(item("come", 1, 2));
  queue.await_reupload(*come, "it is gone", {500});
  REQUIRE(queue.add(item("come", 2, 2)) == come);
  const auto given_up = queue.add(item("given up", 1, 3));
  queue.await_reupload(*given_up, "it is gone", {500});
  queue.failed(*given_up, "it is gone", {});
  queue.done(*queue.add(item("fine", 1, 4)), {10});
  const auto awaited = queue.await_reuploads_again({900});
  REQUIRE(awaited.size() == 1);
  CHECK(awaited[0].message_id == "MSGgone");
  CHECK(as_text(awaited[0].notification) == "bytes of gone");
  queue.done(*come, {10});
  CHECK(queue.next_due()->value == 900);
}

}  // namespace history_queue_test
