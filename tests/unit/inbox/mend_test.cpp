#include "inbox/mend.h"

#include "fixture.h"
#include "inbox/dirty.h"

namespace mend_test {

using namespace wasync;
using namespace wasync::test;

TEST_CASE("a thread that lost its time gets that of its newest message, once") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x", 10));
  file.put(inbound(kAna, "B", "y", 0));
  CHECK(undated_threads(file.db).empty());
  CHECK_FALSE(date_thread(file.db, jid(kAna)));
  file.db.execute("UPDATE threads SET last_message_at = 0");
  const auto found = undated_threads(file.db);
  REQUIRE(found.size() == 1);
  CHECK(found[0].jid == jid(kAna));
  CHECK(found[0].newest == kNow);
  const std::int64_t revisions = file.revisions();
  CHECK(date_thread(file.db, jid(kAna)));
  CHECK(file.revisions() == revisions + 1);  // it is to be uploaded
  CHECK(thread_time(file.db, jid(kAna)) == kNow);
  CHECK_FALSE(date_thread(file.db, jid(kAna)));
}

TEST_CASE("one without a message keeps having none") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  file.db.execute("UPDATE threads SET last_message_at = 1");
  file.db.execute("DELETE FROM messages");
  CHECK(undated_threads(file.db).empty());
  CHECK_FALSE(date_thread(file.db, jid(kAna)));
  CHECK_FALSE(thread_time(file.db, jid(kAna)).known());
}

TEST_CASE("a LID's thread beside the phone's is merged, once") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  file.put(inbound(kAnaLid, "B", "x"));
  CHECK(unmerged_threads(file.db).empty());  // nobody knows that they are one
  CHECK_FALSE(phone_of_lid(file.db, jid(kAnaLid)));
  const auto unite = [&] {
    Transaction transaction(file.db, "test");
    const bool done = unite_threads(file.db, jid(kAnaLid));
    transaction.commit();
    return done;
  };
  CHECK_FALSE(unite());
  file.db.execute(
      "INSERT INTO lid_mappings VALUES ('555444333@lid', '40711111111@s.whatsapp.net')");
  const auto found = unmerged_threads(file.db);
  REQUIRE(found.size() == 1);
  CHECK(found[0].lid == jid(kAnaLid));
  CHECK(found[0].phone == jid(kAna));
  CHECK(found[0].messages == 1);
  CHECK(unite());
  CHECK(file.thread(kAna).messages == 2);
  CHECK(file.thread(kAnaLid).hidden_because == HiddenBecause::kRedirected);
  CHECK(unmerged_threads(file.db).empty());
  CHECK_FALSE(unite());
  CHECK(phone_of_lid(file.db, jid(kAnaLid)) == jid(kAna));
}

}  // namespace mend_test
