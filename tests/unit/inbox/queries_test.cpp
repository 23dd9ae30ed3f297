#include "inbox/queries.h"

#include "fixture.h"

namespace queries_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kDan = "40722222222@s.whatsapp.net";

void fill(InboxFile& file) {
  file.write([](InboxWriter& inbox) {
    inbox.put_conversation(conversation(kAna, "Ștefania Pop", 100));
    inbox.put_conversation(conversation(kDan, "Dan", 50));
    inbox.put_conversation(conversation(kGroup, "Dan and friends", 200));
    inbox.put_conversation(conversation("777@lid", "", 300));  // neither name nor phone
    inbox.put_conversation(conversation("888@broadcast", "My list", 10));
    inbox.put_message(from_history(inbound(kDan, "A", "Factura de luni", 50)));
  });
}

std::string names(const std::vector<ThreadListing>& threads) {
  std::string out;
  for (const ThreadListing& thread : threads) out += thread.name + "|";
  return out;
}

std::string names(InboxFile& file, const ListOptions& options) {
  return names(list_threads(file.db, options));
}

std::string found(InboxFile& file, std::string_view text) {
  const FoundThread result = find_thread(file.db, text);
  if (const auto* thread = std::get_if<ThreadListing>(&result)) return thread->name;
  if (const auto* many = std::get_if<AmbiguousThread>(&result)) {
    return "ambiguous: " + names(many->candidates);
  }
  return "none";
}

}  // namespace

TEST_CASE("threads are listed as the app shows them, newest first") {
  InboxFile file;
  fill(file);
  CHECK(names(file, {}) == "Dan|Ștefania Pop|Dan and friends|");
  CHECK(names(file, {.limit = 1}) == "Dan|");
  CHECK(names(file, {.limit = 0}) == "");
  CHECK(names(file, {.since = {kNow.value - 100}}) == "Dan|Ștefania Pop|");
  const auto all = list_threads(file.db, {.include_hidden = true});
  REQUIRE(all.size() == 5);
  CHECK(all[0].hidden_because == HiddenBecause::kBroadcast);
  CHECK(all[4].hidden_because == HiddenBecause::kPlaceholder);
}

TEST_CASE("a search looks at name, phone, address and last message") {
  InboxFile file;
  fill(file);
  CHECK(names(file, {.search = "stefan"}) == "Ștefania Pop|");
  CHECK(names(file, {.search = "FACTURA"}) == "Dan|");
  CHECK(names(file, {.search = "4072222"}) == "Dan|");
  CHECK(names(file, {.search = "+40 722-22"}) == "Dan|");
  CHECK(names(file, {.search = "@g.us"}) == "Dan and friends|");
  CHECK(names(file, {.search = "nobody"}) == "");
}

TEST_CASE("a thread is found by whatever names it") {
  InboxFile file;
  fill(file);
  CHECK(found(file, file.thread_id(kAna).str()) == "Ștefania Pop");
  CHECK(found(file, kAna) == "Ștefania Pop");
  CHECK(found(file, "40711111111:4@c.us") == "Ștefania Pop");
  CHECK(found(file, "+40 711 111 111") == "Ștefania Pop");
  CHECK(found(file, "stefania") == "Ștefania Pop");
  CHECK(found(file, "dan") == "Dan");  // the whole name goes first
  CHECK(found(file, "an") == "ambiguous: Dan|Ștefania Pop|Dan and friends|");
  CHECK(found(file, "+40799999999") == "none");
  CHECK(found(file, "") == "none");
  CHECK(found(file, "x@y/z") == "none");
  CHECK(found(file, thread_id_for(account_id_for("+40700000000"), jid(kAna)).str()) == "none");
}

TEST_CASE("a redirected thread leads to its target") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "x"));
  const std::string old_id = file.thread_id(kAnaLid).str();
  file.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  CHECK(found(file, old_id) == "+40711111111");
  CHECK(found(file, kAnaLid) == "+40711111111");
}

TEST_CASE("messages are paged from the newest, in reading order") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 10; ++i) {
      inbox.put_message(from_history(inbound(kAna, "M" + std::to_string(i), "x", 100 + i)));
    }
  });
  const auto page = thread_messages(file.db, file.thread_id(kAna), {.limit = 3});
  REQUIRE(page.size() == 3);
  CHECK(page[0].id.str() == "M2");
  CHECK(page[2].id.str() == "M0");
  const auto older = thread_messages(file.db, file.thread_id(kAna),
                                     {.limit = 3, .before = page[0].message.sent_at});
  CHECK(older.back().id.str() == "M3");
  CHECK(thread_messages(file.db, file.thread_id(kDan)).empty());
}

TEST_CASE("the oldest messages are anchors, with the key as WhatsApp used it") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_message(inbound(kAna, "new", "x", 10));
    inbox.put_message(from_history(outbound(kAna, "oldest", "x", 900)));
    inbox.put_message(from_history(inbound(kAna, "older", "x", 800)));
    Message timeless = inbound(kAna, "when", "x");
    timeless.sent_at = {};
    inbox.put_message(timeless);
  });
  const auto anchors = oldest_messages(file.db, file.thread_id(kAna), 2);
  REQUIRE(anchors.size() == 2);
  CHECK(anchors[0].key.id == "oldest");
  CHECK(anchors[0].key.from_me);
  CHECK(anchors[0].key.remote_jid == kAna);
  CHECK(anchors[0].sent_at.value == kNow.value - 900);
  CHECK(anchors[1].key.id == "older");
}

TEST_CASE("totals count what is there") {
  InboxFile file;
  CHECK(inbox_totals(file.db).threads == 0);
  fill(file);
  const InboxTotals totals = inbox_totals(file.db);
  CHECK(totals.threads == 5);
  CHECK(totals.placeholders == 4);
  CHECK(totals.messages == 1);
  CHECK(totals.oldest_message_at.value == kNow.value - 50);
  CHECK(totals.newest_message_at.value == kNow.value - 50);
  CHECK(totals.unsent == 7);
  CHECK(totals.set_aside == 0);
}

}  // namespace queries_test
