// How threads come to be, and what they say about themselves.
#include "fixture.h"

namespace threads_test {

using namespace wasync;
using namespace wasync::test;

TEST_CASE("a writer needs an open transaction and an account") {
  InboxFile file;
  CHECK_THROWS_AS(InboxWriter{file.db}, Error);
  ScratchDir scratch;
  Database empty(scratch.path() / "empty.db");
  migrate_inbox(empty);
  Transaction transaction(empty, "test");
  CHECK_THROWS_AS(InboxWriter{empty}, Error);
}

TEST_CASE("history makes placeholders, with the conversation's own time") {
  InboxFile file;
  CHECK(file.put<PutConversation>([](InboxWriter& inbox) {
    return inbox.put_conversation(conversation(kAna, "Ana", 500));
  }) == PutConversation::kCreated);
  const ThreadListing thread = file.thread(kAna);
  CHECK(thread.placeholder);
  CHECK(thread.name == "Ana");
  CHECK(thread.phone == "+40711111111");
  CHECK(thread.last_message_at.value == kNow.value - 500);
  CHECK(thread.time_known);
  CHECK_FALSE(thread.direction);
  CHECK_FALSE(thread.hidden_because);
}

TEST_CASE("without any time told a thread sorts last, never first, and a real time replaces that") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    Conversation timeless = conversation(kAna, "Ana");
    timeless.last_activity = {};
    inbox.put_conversation(timeless);
    inbox.put_conversation(conversation("40722222222@s.whatsapp.net", "Old", 100'000'000));
  });
  CHECK_FALSE(file.thread(kAna).time_known);
  CHECK(list_threads(file.db).back().jid == jid(kAna));
  file.put(from_history(inbound(kAna, "A", "hello", 200'000'000)));
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 200'000'000);
  CHECK(file.thread(kAna).time_known);
}

TEST_CASE("backfill never creates a thread, the others do") {
  InboxFile file;
  Message message = inbound(kAna, "A", "hello");
  message.source = SyncSource::kBackfill;
  CHECK(file.put(message) == PutMessage::kNoThread);
  CHECK_FALSE(file.has_thread(kAna));
  CHECK(file.number("SELECT count(*) FROM messages") == 0);

  CHECK(file.put(inbound(kAna, "B", "live")) == PutMessage::kInserted);
  CHECK(file.put(message) == PutMessage::kInserted);
  CHECK(file.put(from_history(in_group("C", kAna, "old"))) == PutMessage::kInserted);
  CHECK(file.has_thread(kGroup));
}

TEST_CASE("status updates and malformed chats are no conversations") {
  InboxFile file;
  Message status = inbound(kAna, "A", "my day");
  status.chat = jid("status@broadcast");
  CHECK(file.put(status) == PutMessage::kNoChat);
  status.chat = Jid{};
  CHECK(file.put(status) == PutMessage::kNoChat);
  CHECK(file.put<PutConversation>([](InboxWriter& inbox) {
    return inbox.put_conversation(conversation("status@broadcast"));
  }) == PutConversation::kNoChat);
  CHECK(file.number("SELECT count(*) FROM threads") == 0);
}

TEST_CASE("lastMessageAt is the newest message's time, and never moves backwards") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    // The conversation's own time counts only while there are no messages.
    inbox.put_conversation(conversation(kAna, "Ana", 10));
    inbox.put_message(from_history(inbound(kAna, "A", "newest", 300)));
    inbox.put_message(from_history(inbound(kAna, "B", "older", 400)));
  });
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 300);
  CHECK(file.thread(kAna).last_message == "newest");

  file.put(inbound(kAna, "C", "late arrival", 900));
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 300);
  CHECK(file.thread(kAna).last_message == "newest");

  file.put(inbound(kAna, "D", "now", 5));
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 5);
  CHECK(file.thread(kAna).last_message == "now");

  file.write([](InboxWriter& inbox) { inbox.put_conversation(conversation(kAna, "Ana", 5000)); });
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 5);
}

TEST_CASE("a placeholder's time does not move back when older messages come") {
  InboxFile file;
  file.write([](InboxWriter& inbox) { inbox.put_conversation(conversation(kAna, "Ana", 50)); });
  file.put(from_history(inbound(kAna, "A", "old", 5000)));
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 50);
  CHECK(file.thread(kAna).last_message == "old");
}

TEST_CASE("an absurd future time does not pin a chat to the top") {
  InboxFile file;
  file.put(inbound(kAna, "A", "from 2106", -2'500'000'000));
  CHECK(file.thread(kAna).last_message_at == kNow);
  CHECK(file.messages(kAna).at(0).message.sent_at == kNow);
}

TEST_CASE("a time that the host's wrong clock gave is corrected when history tells it") {
  InboxFile file;
  file.put(inbound(kAna, "A", "first", 5'000'000));  // the clock was behind
  file.put(inbound(kAna, "B", "second", 3'000'000));
  file.put(from_history(inbound(kAna, "A", "first", 100)));
  CHECK(file.messages(kAna).at(1).message.sent_at.value == kNow.value - 100);
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 100);
  CHECK(file.thread(kAna).last_message == "first");
  CHECK(inbox_totals(file.db).oldest_message_at.value == kNow.value - 3'000'000);
  // Who writes cannot move what is stored; nor does what is told later move anything back.
  file.put(inbound(kAna, "B", "second", 50));
  file.put(from_history(inbound(kAna, "A", "first", 4'000'000)));
  CHECK(file.messages(kAna).at(0).message.sent_at.value == kNow.value - 3'000'000);
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 100);
}

TEST_CASE("a message without a time is stored, shown last, and does not touch the thread's time") {
  InboxFile file;
  Message timeless = inbound(kAna, "A", "when?");
  timeless.sent_at = {};
  file.write([&](InboxWriter& inbox) {
    inbox.put_conversation(conversation(kAna, "Ana", 700));
    inbox.put_message(from_history(timeless));
  });
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 700);
  CHECK(file.thread(kAna).last_message == "when?");
  CHECK(file.messages(kAna).size() == 1);
  CHECK(file.messages(kAna).at(0).message.sent_at.value > 0);
}

TEST_CASE("the preview is the newest inbound content; the direction that of the newest message") {
  InboxFile file;
  file.put(inbound(kAna, "A", " Bună\n\n ziua  \t!", 100));
  file.put(outbound(kAna, "B", "our answer", 50));
  CHECK(file.thread(kAna).last_message == "Bună ziua !");
  CHECK(file.thread(kAna).direction == Direction::kOutbound);
  CHECK(file.thread(kAna).last_message_at.value == kNow.value - 50);
  file.put(inbound(kAna, "C", "thanks", 20));
  CHECK(file.thread(kAna).direction == Direction::kInbound);
  CHECK(file.thread(kAna).last_message == "thanks");
}

TEST_CASE("a preview has at most 100 whole characters") {
  InboxFile file;
  std::string body;
  for (int i = 0; i < 150; ++i) body += "ș";
  file.put(inbound(kAna, "A", body));
  CHECK(file.thread(kAna).last_message == body.substr(0, 200));
}

TEST_CASE("content without text is previewed by its caption, file name or kind") {
  InboxFile file;
  Message image = inbound(kAna, "A", "", 100);
  image.body.reset();
  image.type = "image";
  image.media = Media{.type = "image", .mimetype = "image/jpeg"};
  file.put(image);
  CHECK(file.thread(kAna).last_message == "[image]");
  Message document = inbound(kAna, "B", "", 90);
  document.body.reset();
  document.type = "document";
  document.media = Media{.type = "document", .filename = "offer.pdf"};
  file.put(document);
  CHECK(file.thread(kAna).last_message == "offer.pdf");
}

TEST_CASE("of messages in one second, history's first and realtime's last is the newest") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_message(from_history(inbound(kAna, "H1", "newest of history", 100)));
    inbox.put_message(from_history(inbound(kAna, "H2", "before it", 100)));
  });
  CHECK(file.thread(kAna).last_message == "newest of history");
  file.put(inbound(kAna, "R1", "live one", 50));
  file.put(inbound(kAna, "R2", "live two", 50));
  CHECK(file.thread(kAna).last_message == "live two");
  std::string order;
  for (const StoredMessage& m : file.messages(kAna)) order += m.id.str() + " ";
  CHECK(order == "H2 H1 R1 R2 ");
}

TEST_CASE("unread counts come from history, grow with live messages and end with an answer") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    Conversation c = conversation(kAna, "Ana", 100);
    c.unread_count = 3;
    inbox.put_conversation(c);
    inbox.put_message(from_history(inbound(kAna, "A", "x", 100)));
  });
  CHECK(file.thread(kAna).unread == 3);
  file.put(inbound(kAna, "B", "y", 50));
  CHECK(file.thread(kAna).unread == 4);
  file.put(inbound(kAna, "B", "y", 50));  // repeated
  CHECK(file.thread(kAna).unread == 4);
  file.write([](InboxWriter& inbox) {
    Conversation stale = conversation(kAna, "Ana", 100);
    stale.unread_count = 9;
    inbox.put_conversation(stale);
  });
  CHECK(file.thread(kAna).unread == 4);
  file.put(outbound(kAna, "old answer", "z", 500));
  CHECK(file.thread(kAna).unread == 4);
  file.put(outbound(kAna, "C", "z", 40));
  CHECK(file.thread(kAna).unread == 0);
  file.put(inbound(kAna, "D", "again", 30));
  file.write([](InboxWriter& inbox) { CHECK(inbox.set_unread(jid(kAna), 0)); });
  CHECK(file.thread(kAna).unread == 0);
  file.write([](InboxWriter& inbox) {
    CHECK_FALSE(inbox.set_unread(jid("40799999999@s.whatsapp.net"), 5));
  });
}

TEST_CASE("backfill leaves its marks on threads that exist") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  file.write([](InboxWriter& inbox) {
    CHECK(inbox.set_backfilled(jid(kAna), {kNow.value - 5}, true));
    CHECK(inbox.set_backfilled(jid(kAna), {kNow.value - 9}, false));
    CHECK_FALSE(inbox.set_backfilled(jid(kGroup), kNow, true));
  });
  CHECK(file.thread(kAna).history_exhausted);
  CHECK(file.thread(kAna).last_backfill_at.value == kNow.value - 5);
}

TEST_CASE("putting everything again changes no revision") {
  InboxFile file;
  const auto everything = [](InboxWriter& inbox) {
    inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
    Conversation c = conversation(kAna, "Ana", 100);
    c.unread_count = 2;
    inbox.put_conversation(c);
    inbox.put_conversation(conversation(kGroup, "The team", 60));
    inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana Pop", .push_name = "ana"});
    Message named = from_history(inbound(kAna, "A", "x", 100));
    named.sender_name = "ana";
    named.reactions = {{std::string(kAna), "👍"}};
    inbox.put_message(named);
    inbox.put_message(from_history(outbound(kAna, "B", "y", 200)));
    Message in_team = from_history(in_group("G", kAnaLid, "hello", 60));
    in_team.sender_name = "ana";
    inbox.put_message(in_team);
    inbox.put_receipt({.chat = jid(kAna),
                       .ids = {"B"},
                       .status = DeliveryStatus::kRead,
                       .at = {kNow.value - 10}});
  };
  file.write(everything);
  const std::int64_t before = file.revisions();
  const std::int64_t rows = file.number("SELECT total_changes()");
  file.write(everything);
  CHECK(file.revisions() == before);
  CHECK(file.number("SELECT total_changes()") == rows);
  file.write([&](InboxWriter& inbox) {
    CHECK(inbox.put_conversation(conversation(kGroup, "The team", 60)) ==
          PutConversation::kUnchanged);
    CHECK(inbox.put_conversation(conversation(kGroup, "New name", 60)) ==
          PutConversation::kUpdated);
  });
  CHECK(file.revisions() == before + 1);
}

TEST_CASE("a thread touched by a hundred messages is written once") {
  InboxFile file;
  file.write([](InboxWriter& inbox) { inbox.put_conversation(conversation(kAna, "Ana", 9999)); });
  const std::int64_t before = file.number("SELECT revision FROM threads");
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 100; ++i) {
      inbox.put_message(inbound(kAna, "M" + std::to_string(i), "text", 1000 - i));
    }
  });
  CHECK(file.number("SELECT revision FROM threads") == before + 1);
  CHECK(file.thread(kAna).messages == 100);
  // Older history changes nothing that the Inbox shows of the thread.
  file.write([](InboxWriter& inbox) {
    inbox.put_message(from_history(inbound(kAna, "old", "text", 20'000)));
  });
  CHECK(file.number("SELECT revision FROM threads") == before + 1);
  CHECK(file.thread(kAna).messages == 101);
}

TEST_CASE("what is rolled back was never there") {
  InboxFile file;
  {
    Transaction transaction(file.db, "test");
    InboxWriter inbox(file.db, kNow);
    inbox.put_message(inbound(kAna, "A", "x"));
    inbox.flush();
  }
  CHECK_FALSE(file.has_thread(kAna));
  CHECK(file.put(inbound(kAna, "A", "x")) == PutMessage::kInserted);
}

TEST_CASE("a writer counts what it did") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_conversation(conversation(kAna, "Ana"));
    inbox.put_conversation(conversation(kGroup, "Team"));
    inbox.put_message(inbound(kAna, "A", "x"));
    inbox.put_message(inbound(kAna, "A", "x"));
    Message nowhere = inbound("40733333333@s.whatsapp.net", "B", "x");
    nowhere.source = SyncSource::kBackfill;
    inbox.put_message(nowhere);
    const InboxWriter::Counts counts = inbox.counts();
    CHECK(counts.threads_created == 2);
    CHECK(counts.placeholders == 1);
    CHECK(counts.messages_inserted == 1);
    CHECK(counts.messages_unchanged == 1);
    CHECK(counts.messages_dropped == 1);
  });
}

TEST_CASE("somebody known by a LID alone has some name, as soon as there is a message") {
  InboxFile file;
  file.write([](InboxWriter& inbox) { inbox.put_conversation(conversation(kAnaLid)); });
  CHECK(file.thread(kAnaLid).hidden_because == HiddenBecause::kPlaceholder);
  SUBCASE("ours") {
    file.put(outbound(kAnaLid, "A", "hello"));
  }
  SUBCASE("theirs, who tell no name") {
    Message message = inbound(kAnaLid, "A", "hello");
    message.sender_name = "-";
    file.put(message);
  }
  CHECK(file.thread(kAnaLid).name == "Contact …4333");
  CHECK_FALSE(file.thread(kAnaLid).hidden_because);
  Message named = inbound(kAnaLid, "B", "it's me", 50);
  named.sender_name = "Ana";
  file.put(named);
  CHECK(file.thread(kAnaLid).name == "Ana");
  // With the number known, the name of last resort is none.
  InboxFile other;
  other.put(outbound(kAnaLid, "A", "hello"));
  other.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  CHECK(other.thread(kAna).name == "+40711111111");
}

TEST_CASE("WhatsApp's own chat has its name and no number") {
  InboxFile file;
  constexpr std::string_view kOfficial = "0@s.whatsapp.net";
  file.write([&](InboxWriter& inbox) { inbox.put_conversation(conversation(kOfficial)); });
  file.put(inbound(kOfficial, "A", "news"));
  CHECK(file.thread(kOfficial).name == "WhatsApp");
  CHECK(file.thread(kOfficial).phone.empty());
  CHECK_FALSE(file.thread(kOfficial).hidden_because);
}

TEST_CASE("a channel makes no thread, by history or live") {
  InboxFile file;
  constexpr std::string_view kChannel = "120363000000000009@newsletter";
  CHECK(file.put<PutConversation>([&](InboxWriter& inbox) {
    return inbox.put_conversation(conversation(kChannel, "News"));
  }) == PutConversation::kNoChat);
  CHECK(file.put(inbound(kChannel, "A", "news")) == PutMessage::kNoChat);
  CHECK_FALSE(file.has_thread(kChannel));
}

TEST_CASE("a change of number that history tells hands the name on") {
  InboxFile file;
  constexpr std::string_view kNew = "40755555555@s.whatsapp.net";
  file.write([&](InboxWriter& inbox) {
    inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana Pop"});
    Conversation before = conversation(kAna, "Ana Pop");
    before.other_number = jid(kNew);
    before.changed_to_other = true;
    inbox.put_conversation(before);
    inbox.put_conversation(conversation(kNew));
  });
  CHECK(file.thread(kNew).name == "Ana Pop");
  CHECK(file.thread(kAna).name == "Ana Pop");
  CHECK_FALSE(file.thread(kAna).hidden_because);
}

}  // namespace threads_test
