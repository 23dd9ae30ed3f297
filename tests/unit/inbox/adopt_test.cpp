#include "inbox/adopt.h"

#include "fixture.h"

namespace adopt_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kBogdan = "40722222222@s.whatsapp.net";

AdoptedThread told(std::string_view chat, std::int64_t age_s, std::string name) {
  AdoptedThread out;
  out.chat = jid(chat);
  out.display_name = std::move(name);
  out.last_message_at = {kNow.value - age_s};
  out.last_text = "from the Inbox";
  out.direction = Direction::kInbound;
  return out;
}

bool adopt(InboxFile& file, const AdoptedThread& thread) {
  Transaction transaction(file.db, "test");
  const bool done = adopt_thread(file.db, thread);
  transaction.commit();
  return done;
}

}  // namespace

TEST_CASE("an unknown thread is taken over as it is, and is not sent back") {
  InboxFile file;
  AdoptedThread thread = told(kAna, 100, "Ana from the Inbox");
  thread.unread = 3;
  thread.history_exhausted = true;
  CHECK(adopt(file, thread));
  const ThreadListing known = file.thread(kAna);
  CHECK(known.name == "Ana from the Inbox");
  CHECK(known.last_message_at.value == kNow.value - 100);
  CHECK(known.last_message == "from the Inbox");
  CHECK(known.unread == 3);
  CHECK(known.history_exhausted);
  CHECK(known.placeholder);
  CHECK(all_dirty_threads(file.db).empty());
}

TEST_CASE("older history neither reorders nor renames an adopted thread") {
  InboxFile file;
  adopt(file, told(kAna, 100, "Ana from the Inbox"));
  Message older = from_history(inbound(kAna, "A", "older", 500));
  older.sender_name = "push name";
  CHECK(file.put(older) == PutMessage::kInserted);
  const ThreadListing known = file.thread(kAna);
  CHECK(known.name == "Ana from the Inbox");
  CHECK(known.last_message_at.value == kNow.value - 100);
  CHECK(known.last_message == "from the Inbox");
  CHECK(all_dirty_messages(file.db).at(0).thread_adopted);

  // What is newer is news.
  file.put(inbound(kAna, "B", "newer", 10));
  CHECK(file.thread(kAna).last_message == "newer");
  CHECK(all_dirty_threads(file.db).at(0).has_news);
}

TEST_CASE("the phone's saved name is better than an adopted one") {
  InboxFile file;
  adopt(file, told(kAna, 100, "whatever it was"));
  file.write(
      [](InboxWriter& inbox) { inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"}); });
  CHECK(file.thread(kAna).name == "Ana");
}

TEST_CASE("of a thread known here, the newer activity wins") {
  InboxFile file;
  file.put(inbound(kAna, "A", "ours", 300));
  adopt(file, told(kAna, 100, ""));
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 100);
  CHECK(file.thread(kAna).last_message == "from the Inbox");
  CHECK_FALSE(all_dirty_threads(file.db).at(0).has_news);

  file.put(inbound(kBogdan, "B", "ours", 50));
  adopt(file, told(kBogdan, 100, ""));
  CHECK(file.thread(kBogdan).last_message == "ours");
  CHECK(file.thread(kBogdan).last_message_at.value == kNow.value - 50);
}

TEST_CASE("what the Inbox's users hid stays hidden, what was merged leads to its target") {
  InboxFile file;
  AdoptedThread hidden = told(kAna, 100, "Ana");
  hidden.hidden = true;
  adopt(file, hidden);
  CHECK(file.thread(kAna).hidden_because == HiddenBecause::kHidden);

  AdoptedThread merged = told(kAnaLid, 200, "Ana");
  merged.redirect_to = jid(kAna);
  adopt(file, merged);
  CHECK(file.thread(kAnaLid).hidden_because == HiddenBecause::kRedirected);
}

TEST_CASE("a thread by a LID whose phone is known already redirects") {
  InboxFile file;
  file.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  adopt(file, told(kAnaLid, 100, "Ana from the Inbox"));
  CHECK(file.thread(kAnaLid).hidden_because == HiddenBecause::kRedirected);
  CHECK(file.thread(kAna).name == "Ana from the Inbox");
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 100);
  CHECK(all_dirty_threads(file.db).size() == 2);
}

TEST_CASE("adopting twice changes nothing, and what names no chat is left alone") {
  InboxFile file;
  adopt(file, told(kAna, 100, "Ana"));
  adopt(file, told(kAna, 100, "Ana"));
  CHECK(all_dirty_threads(file.db).empty());
  CHECK(inbox_totals(file.db).threads == 1);
  CHECK_FALSE(adopt(file, {}));
  AdoptedThread status;
  status.chat = Jid{.user = "status", .server = "broadcast"};
  CHECK_FALSE(adopt(file, status));
}

}  // namespace adopt_test
