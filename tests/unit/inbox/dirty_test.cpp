#include "inbox/dirty.h"

#include "fixture.h"

using namespace wasync;
using namespace wasync::test;

namespace {

template <typename Rows>
std::vector<DirtyMark> marks(const Rows& rows) {
  std::vector<DirtyMark> out;
  for (const auto& row : rows) out.push_back(row.mark);
  return out;
}

std::int64_t mark(InboxFile& file, const std::vector<DirtyMark>& sent) {
  Transaction transaction(file.db, "test");
  const std::int64_t clean = mark_uploaded(file.db, sent);
  transaction.commit();
  return clean;
}

}  // namespace

TEST_CASE("what is written is dirty until it is marked") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 5; ++i) {
      inbox.put_message(inbound(kAna, "M" + std::to_string(i), "x", 100 - i));
    }
    inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"});
  });
  CHECK(inbox_totals(file.db).unsent == 8);  // with thread, contact and account
  const auto threads = dirty_threads(file.db, 10);
  REQUIRE(threads.size() == 1);
  CHECK(threads[0].display_name == "Ana");
  CHECK(threads[0].last_text == "x");
  CHECK(threads[0].mark.first_upload);
  CHECK(mark(file, marks(threads)) == 1);
  CHECK(dirty_threads(file.db, 10).empty());

  auto batch = dirty_messages(file.db, 2);
  REQUIRE(batch.size() == 2);
  CHECK(batch[0].message.id.str() == "M4");  // newest first
  CHECK(mark(file, marks(batch)) == 2);
  batch = dirty_messages(file.db, 10);
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
  const auto sent = dirty_threads(file.db, 10);
  file.put(inbound(kAna, "B", "y", 50));
  CHECK(mark(file, marks(sent)) == 0);
  const auto again = dirty_threads(file.db, 10);
  REQUIRE(again.size() == 1);
  CHECK_FALSE(again[0].mark.first_upload);
  CHECK(mark(file, marks(again)) == 1);
  // An answer that arrives late marks nothing back.
  CHECK(mark(file, marks(sent)) == 0);
  CHECK(dirty_threads(file.db, 10).empty());
}

TEST_CASE("a refused row is set aside until it changes or is retried") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  file.put(inbound(kAna, "B", "y"));
  const auto rows = dirty_messages(file.db, 10);
  REQUIRE(rows.size() == 2);
  set_aside(file.db, rows[0].mark, "too\nlarge");
  CHECK(dirty_messages(file.db, 10).size() == 1);
  CHECK(inbox_totals(file.db).set_aside == 1);
  CHECK(retry_set_aside(file.db) == 1);
  CHECK(dirty_messages(file.db, 10).size() == 2);

  set_aside(file.db, rows[0].mark, "too large");
  file.write([&](InboxWriter& inbox) {
    inbox.put_reaction({.chat = jid(kAna),
                        .target = rows[0].message.message.key,
                        .by = jid(kAna),
                        .emoji = "!",
                        .at = kNow});
  });
  CHECK(dirty_messages(file.db, 10).size() == 2);
  CHECK(inbox_totals(file.db).set_aside == 0);
}

TEST_CASE("everything can be made dirty again") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  mark(file, marks(dirty_messages(file.db, 10)));
  mark(file, marks(dirty_threads(file.db, 10)));
  {
    Transaction transaction(file.db, "test");
    mark_everything_dirty(file.db);
    transaction.commit();
  }
  CHECK(dirty_messages(file.db, 10).at(0).mark.first_upload);
  CHECK(dirty_threads(file.db, 10).size() == 1);
}

TEST_CASE("a redirecting thread tells its target") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "x"));
  file.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  bool found = false;
  for (const DirtyThread& row : dirty_threads(file.db, 10)) {
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
        " AND m.upload_error IS NULL ORDER BY m.sent_at DESC LIMIT 5",
        "EXPLAIN QUERY PLAN SELECT row_id FROM threads t WHERE t.revision > t.uploaded_revision"
        " AND t.upload_error IS NULL ORDER BY t.last_message_at DESC LIMIT 5"}) {
    auto plan = file.db.prepare(sql);
    REQUIRE(plan.step());
    CHECK(plan.text(3).find("_dirty") != std::string::npos);
    CHECK_FALSE(plan.step());  // no sorting step
  }
}
