#include "inbox/dirty.h"

#include "fixture.h"

namespace dirty_test {

using namespace wasync;
using namespace wasync::test;

namespace {

template <typename Rows>
std::vector<DirtyMark> marks(const Rows& rows) {
  std::vector<DirtyMark> out;
  for (const auto& row : rows) out.push_back(row.mark);
  return out;
}

// Returns how many rows are clean now.
std::int64_t mark(InboxFile& file, const std::vector<DirtyMark>& sent) {
  const std::int64_t before = count_dirty(file.db).rows;
  Transaction transaction(file.db, "test");
  mark_uploaded(file.db, sent);
  transaction.commit();
  return before - count_dirty(file.db).rows;
}

}  // namespace

TEST_CASE("since when something waits: from its first change to when all of it is sent") {
  InboxFile file;
  const UnixSeconds before = UnixSeconds::now();
  CHECK_FALSE(unsent_since(file.db).known());
  file.write([](InboxWriter& inbox) { inbox.put_message(inbound(kAna, "A", "x", 100)); });
  CHECK(unsent_since(file.db) >= before);
  file.db.execute("UPDATE threads SET dirty_since = 5");
  file.write([](InboxWriter& inbox) { inbox.put_message(inbound(kAna, "B", "x", 200)); });
  CHECK(unsent_since(file.db) == UnixSeconds{5});  // still the same wait
  mark(file, marks(all_dirty_threads(file.db)));
  CHECK_FALSE(unsent_since(file.db).known());
  file.write([](InboxWriter& inbox) { inbox.put_message(inbound(kAna, "C", "x", 300)); });
  CHECK(unsent_since(file.db) >= before);  // a new one
  mark(file, marks(all_dirty_threads(file.db)));
  forget_uploads(file.db);
  CHECK(unsent_since(file.db) >= before);
}

TEST_CASE("what is written is dirty until it is marked") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 5; ++i) {
      inbox.put_message(inbound(kAna, "M" + std::to_string(i), "x", 100 - i));
    }
    inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"});
  });
  CHECK(inbox_totals(file.db).unsent == 8);  // with thread, contact and account
  const auto threads = all_dirty_threads(file.db);
  REQUIRE(threads.size() == 1);
  CHECK(threads[0].display_name == "Ana");
  CHECK(threads[0].last_text == "x");
  CHECK(threads[0].mark.first_upload);
  CHECK(mark(file, marks(threads)) == 1);
  CHECK(all_dirty_threads(file.db).empty());

  const std::int64_t thread = threads_with_dirty_messages(file.db).at(0);
  auto batch = dirty_messages(file.db, thread, 2);
  REQUIRE(batch.size() == 2);
  CHECK(batch[0].message.id.str() == "M4");  // newest first
  const auto next = dirty_messages(
      file.db, thread, 2, {.sent_at = batch[1].message.message.sent_at, .row = batch[1].mark.row});
  REQUIRE(next.size() == 2);
  CHECK(next[0].message.id.str() == "M2");
  CHECK(mark(file, marks(batch)) == 2);
  batch = all_dirty_messages(file.db);
  CHECK(batch.size() == 3);
  CHECK(mark(file, marks(batch)) == 3);
  CHECK(mark(file, marks(dirty_contacts(file.db, 10))) == 1);
  CHECK(mark(file, {dirty_account(file.db).value()}) == 1);
  CHECK(inbox_totals(file.db).unsent == 0);
  CHECK_FALSE(dirty_account(file.db));
}

TEST_CASE("a row that changes during its upload stays dirty") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x", 100));
  const auto sent = all_dirty_threads(file.db);
  file.put(inbound(kAna, "B", "y", 50));
  CHECK(mark(file, marks(sent)) == 0);
  const auto again = all_dirty_threads(file.db);
  REQUIRE(again.size() == 1);
  CHECK_FALSE(again[0].mark.first_upload);
  CHECK(mark(file, marks(again)) == 1);
  // An answer that arrives late marks nothing back.
  CHECK(mark(file, marks(sent)) == 0);
  CHECK(all_dirty_threads(file.db).empty());
}

TEST_CASE("a refused row is set aside until it changes or is retried") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  file.put(inbound(kAna, "B", "y"));
  const auto rows = all_dirty_messages(file.db);
  REQUIRE(rows.size() == 2);
  set_aside(file.db, rows[0].mark, "too\nlarge");
  CHECK(all_dirty_messages(file.db).size() == 1);
  CHECK(inbox_totals(file.db).set_aside == 1);
  CHECK(retry_set_aside(file.db) == 1);
  CHECK(all_dirty_messages(file.db).size() == 2);

  set_aside(file.db, rows[0].mark, "too large");
  file.write([&](InboxWriter& inbox) {
    inbox.put_reaction({.chat = jid(kAna),
                        .target = rows[0].message.message.key,
                        .by = jid(kAna),
                        .emoji = "!",
                        .at = kNow});
  });
  CHECK(all_dirty_messages(file.db).size() == 2);
  CHECK(inbox_totals(file.db).set_aside == 0);
}

TEST_CASE("another Inbox gets everything") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  set_upload_target(file.db, "one");
  mark(file, marks(all_dirty_messages(file.db)));
  mark(file, marks(all_dirty_threads(file.db)));
  CHECK(upload_target(file.db) == "one");
  {
    Transaction transaction(file.db, "test");
    forget_uploads(file.db);
    transaction.commit();
  }
  CHECK(upload_target(file.db).empty());
  CHECK(all_dirty_messages(file.db).at(0).mark.first_upload);
  CHECK(all_dirty_threads(file.db).size() == 1);
}

TEST_CASE("an account that the Inbox knows already is not new to it") {
  InboxFile file;
  CHECK(dirty_account(file.db).value().first_upload);
  mark_account_known(file.db);
  CHECK_FALSE(dirty_account(file.db).value().first_upload);
}

TEST_CASE("a thread whose newest message the Inbox has brings no news") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x", 100));
  CHECK(all_dirty_threads(file.db).at(0).has_news);
  mark(file, marks(all_dirty_threads(file.db)));
  file.write(
      [](InboxWriter& inbox) { inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"}); });
  CHECK_FALSE(all_dirty_threads(file.db).at(0).has_news);
  file.put(inbound(kAna, "B", "y", 50));
  CHECK(all_dirty_threads(file.db).at(0).has_news);
}

TEST_CASE("a redirecting thread tells its target") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "x"));
  file.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  bool found = false;
  for (const DirtyThread& row : all_dirty_threads(file.db)) {
    if (row.thread.jid != jid(kAnaLid)) continue;
    found = true;
    CHECK(row.redirect_to == file.thread_id(kAna));
  }
  CHECK(found);
}

TEST_CASE("dirty rows are found by their index") {
  InboxFile file;
  for (const char* sql :
       {"EXPLAIN QUERY PLAN SELECT row_id FROM messages m WHERE m.revision > m.uploaded_revision"
        " AND m.upload_error IS NULL AND m.thread = 1 AND (m.sent_at, m.row_id) < (9, 9)"
        " ORDER BY m.sent_at DESC, m.row_id DESC LIMIT 5",
        "EXPLAIN QUERY PLAN SELECT row_id FROM threads t WHERE t.revision > t.uploaded_revision"
        " AND t.upload_error IS NULL ORDER BY t.last_message_at DESC LIMIT 5"}) {
    auto plan = file.db.prepare(sql);
    REQUIRE(plan.step());
    CHECK(plan.text(3).find("_dirty") != std::string::npos);
    CHECK_FALSE(plan.step());  // no sorting step
  }
}

}  // namespace dirty_test
