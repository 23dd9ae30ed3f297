#include "session/receive/awaited_messages.h"

#include "inbox/left_out.h"
#include "inbox/queries.h"
#include "session/receive/placeholder_resend.h"
#include "unit/session/receive/awaiting.h"

namespace awaited_messages_test {

using namespace wasync;
using namespace wasync::test;

namespace {

using Outcome = StanzaOutcome;

}  // namespace

TEST_CASE("what does not decrypt is shown at once, as awaited") {
  Awaiting account;
  const Outcome outcome = account.fails("A1");
  CHECK(outcome.stored);
  CHECK(outcome.awaited.size() == 1);
  CHECK(account.text("type", "A1") == "undecryptable");
  CHECK(account.text("body IS NULL", "A1") == "1");
  const ThreadListing thread = list_threads(account.db).at(0);
  CHECK(thread.last_message == "[undecryptable]");
  CHECK(thread.name == "Ana");
  CHECK(thread.unread == 1);
  CHECK(count_undecryptable(account.db).waiting == 1);
}

TEST_CASE("messages between our devices and statuses are never asked of the phone") {
  Awaiting account;
  CHECK(
      account.receive("P1", {{"from", jid(kOwnPhone)}, {"category", "peer"}}, {Awaiting::garbage()})
          .awaited.empty());
  CHECK(account
            .receive("S1", {{"from", jid("status@broadcast")}, {"participant", jid(kAnaLid)}},
                     {Awaiting::garbage()})
            .awaited.empty());
  CHECK(account.number("SELECT count(*) FROM messages") == 0);
}

TEST_CASE("a message that comes without content is awaited from the phone alone") {
  Awaiting account;
  for (const Node& part : {Node("unavailable"), Node("unavailable", {{"type", "some day's"}})}) {
    const std::string id = part.has("type") ? "A1" : "A2";
    const Outcome outcome = account.from_ana(id, part);
    REQUIRE(outcome.answers.size() == 1);
    CHECK(outcome.answers[0].tag == "ack");
    CHECK_FALSE(outcome.answers[0].has("error"));
    CHECK(outcome.awaited.size() == 1);
    CHECK(account.text("type", id) == "undecryptable");
  }
  SUBCASE("but not a channel's post") {
    CHECK(account.receive("N1", {{"from", jid("120363@newsletter")}}, {Node("plaintext")})
              .awaited.empty());
    CHECK(account.receive("N2", {{"from", jid("120363@newsletter")}}, {Node("unavailable")})
              .awaited.empty());
    CHECK(account.number("SELECT count(*) FROM messages") == 2);
  }
}

TEST_CASE("what is withheld from linked devices is said at once, and nobody is asked for it") {
  Awaiting account;
  std::vector<Node> parts;
  std::string body;
  SUBCASE("view once") {
    parts = {Node("unavailable", {{"type", "view_once"}})};
    body = "View once message, shown on the phone only";
  }
  SUBCASE("of a hosted business") {
    parts = {Node("unavailable", {{"hosted", "true"}})};
    body = "Message of a business account, shown on the phone only";
  }
  SUBCASE("of a hosted business, said as a type") {
    parts = {Node("unavailable", {{"type", "hosted"}})};
    body = "Message of a business account, shown on the phone only";
  }
  SUBCASE("of a bot") {
    parts = {Node("unavailable"), Node("bot")};
    body = "Answer of a bot, shown on the phone only";
  }
  const Outcome outcome =
      account.receive("A1", {{"from", jid(kAna)}, {"notify", "Ana"}}, std::move(parts));
  REQUIRE(outcome.answers.size() == 1);
  CHECK(outcome.answers[0].tag == "ack");
  CHECK_FALSE(outcome.answers[0].has("error"));
  CHECK(outcome.stored == 1);
  CHECK(outcome.awaited.empty());
  CHECK(account.receiver.counts.undecryptable == 0);
  CHECK(account.text("type", "A1") == "withheld");
  CHECK(account.text("body", "A1") == body);
  CHECK(count_undecryptable(account.db).waiting == 0);
  CHECK(AwaitedMessages(account.db).to_request(UnixSeconds::now()).empty());
  const ThreadListing thread = list_threads(account.db).at(0);
  CHECK(thread.last_message == body);
  CHECK(thread.name == "Ana");
  CHECK(thread.unread == 1);
}

TEST_CASE("a withheld message was awaited, and history may know more of it") {
  Awaiting account;
  account.fails("A1");
  account.from_ana("A1", Node("unavailable", {{"type", "view_once"}}));
  CHECK(account.text("type", "A1") == "withheld");
  CHECK(count_undecryptable(account.db).waiting == 0);
  account.fails("A1");  // no step back
  CHECK(account.text("type", "A1") == "withheld");
  Transaction transaction(account.db, "test");
  InboxWriter inbox(account.db);
  inbox.put_message({.key = {.id = "A1", .remote_jid = std::string(kAna)},
                     .chat = jid(kAna),
                     .sent_at = {1'700'000'000},
                     .type = "image",
                     .body = "seen"});
  inbox.flush();
  transaction.commit();
  CHECK(account.text("type", "A1") == "image");
  CHECK(account.text("body", "A1") == "seen");
}

TEST_CASE("history brings it as well") {
  Awaiting account;
  account.fails("A1");
  Transaction transaction(account.db, "test");
  InboxWriter inbox(account.db);
  inbox.put_message({.key = {.id = "A1", .remote_jid = std::string(kAna)},
                     .chat = jid(kAna),
                     .sent_at = {1'700'000'000},
                     .body = "from history"});
  inbox.flush();
  transaction.commit();
  CHECK(account.text("body", "A1") == "from history");
  CHECK(account.text("source", "A1") == "1");  // its first source
  CHECK(count_undecryptable(account.db).recovered == 1);
  // Then the phone is not asked any more.
  CHECK_FALSE(AwaitedMessages(account.db).to_request(1, UnixSeconds::now()));
}

TEST_CASE("its author takes it back, or history knows the chat by its other address") {
  Awaiting account;
  account.receive("A1", {{"from", jid(kAnaLid)}, {"notify", "Ana"}}, {Awaiting::garbage()});
  account.fails("A2");
  CHECK(count_undecryptable(account.db).waiting == 2);
  const auto write = [&](auto write_to) {
    Transaction transaction(account.db, "test");
    InboxWriter inbox(account.db);
    write_to(inbox);
    inbox.flush();
    transaction.commit();
  };
  write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  write([](InboxWriter& inbox) {
    inbox.put_message({.key = {.id = "A1", .remote_jid = std::string(kAnaLid)},
                       .chat = jid(kAnaLid),
                       .sent_at = {1'700'000'000},
                       .body = "from history"});
  });
  CHECK(count_undecryptable(account.db).waiting == 1);
  account.db.execute("UPDATE messages SET deleted_at = 1 WHERE document_id = 'A2'");
  CHECK(count_undecryptable(account.db).waiting == 0);
  CHECK(count_undecryptable(account.db).recovered == 2);
}

TEST_CASE("of one sender so many messages are awaited at most, and more are counted") {
  Awaiting account;
  account.fails("A0");
  account.db
      .prepare(
          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
          " INSERT INTO awaited_messages (id, chat, sender, from_me, sent_at, shown, phone_has_it,"
          " first_failed_at, last_failure) SELECT 'B' || i, chat, sender, 0, 1, 1, 1,"
          " first_failed_at, 'bad_mac' FROM n, awaited_messages")
      .bind(kMostAwaitedOfOne - 1)
      .run();
  const Outcome outcome = account.fails("A1");
  CHECK(only_answer(outcome).tag == "ack");
  CHECK_FALSE(only_answer(outcome).has("error"));
  CHECK(outcome.left_out == 1);
  CHECK(left_out_counts(account.db).of_share == 1);
  CHECK(account.number("SELECT count(*) FROM messages") == 1);
  CHECK(account.number("SELECT count(*) FROM awaited_messages WHERE id = 'A1'") == 0);
  // What is known already stays awaited, other senders have a share of their own, and so has she
  // when two weeks are over.
  CHECK(account.fails("A0").left_out == 0);
  CHECK(account.receive("D1", {{"from", jid("40733000000@s.whatsapp.net")}}, {Awaiting::garbage()})
            .awaited.size() == 1);
  account.db.execute("UPDATE awaited_messages SET first_failed_at = 1");
  CHECK(account.fails("A2").awaited.size() == 1);
  // Nothing of our own phone's is left out.
  account.db.execute("UPDATE awaited_messages SET first_failed_at = unixepoch(), sender = '" +
                     std::string(kOwnPhone) + "'");
  CHECK(asks_again(account.receive("P1", {{"from", jid(kOwnPhone)}, {"recipient", jid(kAna)}},
                                   {Awaiting::garbage()})));
}

TEST_CASE("what nobody sees is forgotten when nobody will bring it any more") {
  Awaiting account;
  account.phone_says({});
  account.receive("S1", {{"from", jid(kOwnPhone)}, {"category", "peer"}}, {Awaiting::garbage()});
  REQUIRE(account.number("SELECT count(*) FROM awaited_messages WHERE shown = 0") == 1);
  account.db.execute("UPDATE awaited_messages SET first_failed_at = 1");
  account.fails("A1");
  CHECK(account.number("SELECT count(*) FROM awaited_messages WHERE shown = 0") == 0);
  CHECK(account.number("SELECT count(*) FROM awaited_messages") == 1);
}

TEST_CASE("the phone is asked three times, for two weeks") {
  Awaiting account;
  account.fails("A1");
  account.phone_says({});  // a session with the phone
  const UnixSeconds now = UnixSeconds::now();
  AwaitedMessages awaited(account.db);
  for (int i = 0; i < 3; ++i) {
    const auto rows = awaited.to_request(now);
    REQUIRE(rows.size() == 1);
    Transaction transaction(account.db, "test");
    CHECK(placeholder_request(account.store, account.device, {*awaited.to_request(rows[0], now)},
                              now));
    transaction.commit();
  }
  CHECK(awaited.to_request(now).empty());
  account.db.execute("UPDATE awaited_messages SET requests = 0");
  const UnixSeconds later{now.value + 14 * 86'400};
  CHECK(awaited.to_request(later).empty());
  const Undecryptable count = count_undecryptable(account.db, later);
  CHECK(count.waiting == 0);
  CHECK(count.lost == 1);
}

}  // namespace awaited_messages_test
