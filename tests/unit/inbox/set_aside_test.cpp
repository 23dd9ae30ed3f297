#include "inbox/set_aside.h"

#include "fixture.h"

namespace set_aside_test {

using namespace wasync;
using namespace wasync::test;

namespace {

DirtyMark message_mark(InboxFile& file) {
  const std::int64_t thread = threads_with_dirty_messages(file.db).at(0);
  return dirty_messages(file.db, thread, 1).at(0).mark;
}

}  // namespace

TEST_CASE("documents that were set aside, with what they are called in the Inbox") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  file.write(
      [](InboxWriter& inbox) { inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"}); });
  CHECK(set_aside_rows(file.db).empty());
  const std::int64_t thread = threads_with_dirty_messages(file.db).at(0);
  const DirtyMark message = message_mark(file);
  set_aside(file.db, dirty_contacts(file.db, 1).at(0).mark, "contact");
  set_aside(file.db, message, "message");
  set_aside(file.db, dirty_thread(file.db, thread)->mark, "thread");
  set_aside(file.db, *dirty_account(file.db), "account");

  const auto rows = set_aside_rows(file.db);
  REQUIRE(rows.size() == 4);
  const std::string chat = file.account.str() + "__" + std::string(kAna);
  CHECK(rows[0].document == "accounts/" + file.account.str());
  CHECK(rows[1].document == "threads/" + chat);
  CHECK(rows[2].document == "threads/" + chat + "/messages/A");
  CHECK(rows[3].document == "contacts/" + chat);
  CHECK(rows[2].error == "message");
  CHECK(rows[2].refusals == 1);
  CHECK(rows[2].row == message.row);
}

TEST_CASE("how often a document was refused, until the Inbox takes it") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  const DirtyMark mark = message_mark(file);
  set_aside(file.db, mark, "once");
  CHECK_FALSE(retried_in_vain(file.db));
  CHECK(offered_row(file.db, mark.kind, mark.row).error == "once");
  retry_set_aside(file.db);
  CHECK_FALSE(offered_row(file.db, mark.kind, mark.row).error);
  CHECK_FALSE(offered_row(file.db, mark.kind, mark.row).sent);
  set_aside(file.db, mark, "twice");
  CHECK(retried_in_vain(file.db));
  CHECK(set_aside_rows(file.db).at(0).refusals == 2);
  retry_set_aside(file.db);
  mark_uploaded(file.db, std::vector{mark});
  CHECK(offered_row(file.db, mark.kind, mark.row).sent);
  CHECK(file.number("SELECT sum(upload_refusals) FROM messages") == 0);
}

TEST_CASE("a row that is gone needs nothing more") {
  InboxFile file;
  CHECK(offered_row(file.db, DirtyKind::kMessage, 4711).sent);
}

}  // namespace set_aside_test
