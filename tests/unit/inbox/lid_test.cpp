// One person, two addresses.
#include "fixture.h"
#include "inbox/dirty.h"

namespace lid_test {

using namespace wasync;
using namespace wasync::test;

namespace {

bool learn(InboxFile& file, std::string_view lid = kAnaLid, std::string_view phone = kAna) {
  return file.put<bool>([&](InboxWriter& inbox) {
    return inbox.put_lid_mapping({.lid = jid(lid), .phone = jid(phone)});
  });
}

}  // namespace

TEST_CASE("with a known mapping a LID chat is the phone's thread") {
  InboxFile file;
  CHECK(learn(file));
  CHECK_FALSE(learn(file));
  file.put(inbound(kAnaLid, "A", "x"));
  file.put(inbound("555444333:9@lid", "B", "y", 50));
  CHECK_FALSE(file.has_thread(kAnaLid));
  CHECK(file.thread(kAna).messages == 2);
  CHECK(phone_for_lid(file.db, jid(kAnaLid)) == "+40711111111");
}

TEST_CASE("a conversation's alias is a mapping, in both directions") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    Conversation by_lid = conversation(kAnaLid, "Ana");
    by_lid.phone_alias = jid(kAna);
    inbox.put_conversation(by_lid);
    Conversation by_phone = conversation("40722222222@s.whatsapp.net", "Dan");
    by_phone.lid_alias = jid("777@lid");
    inbox.put_conversation(by_phone);
    inbox.put_message(inbound("777@lid", "A", "x"));
  });
  CHECK(file.number("SELECT count(*) FROM threads") == 2);
  CHECK(file.thread(kAna).name == "Ana");
  CHECK(file.thread("40722222222@s.whatsapp.net").messages == 1);
}

TEST_CASE("a late mapping moves the messages and leaves a thread that redirects") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "first", 300));
  file.put(inbound(kAnaLid, "a/b", "second", 200));
  const std::string raw_remote = file.messages(kAnaLid).at(0).message.key.remote_jid;
  CHECK(learn(file));

  const ThreadListing old_thread = file.thread(kAnaLid);
  CHECK(old_thread.hidden_because == HiddenBecause::kRedirected);
  CHECK(old_thread.messages == 0);
  const ThreadListing thread = file.thread(kAna);
  CHECK(thread.messages == 2);
  CHECK(thread.unread == 2);
  CHECK(thread.last_message == "second");
  CHECK(thread.last_message_at.value == kNow.value - 200);
  CHECK_FALSE(thread.hidden_because);
  const auto messages = file.messages(kAna);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].message.key.remote_jid == raw_remote);
  CHECK(messages[0].message.chat == jid(kAna));
  CHECK(messages[0].message.sender == jid(kAna));
  CHECK(list_threads(file.db).size() == 1);

  // Told again under either address, nothing is doubled: hashed ids moved along.
  CHECK(file.put(inbound(kAnaLid, "A", "first", 300)) == PutMessage::kUnchanged);
  CHECK(file.put(inbound(kAna, "a/b", "second", 200)) == PutMessage::kUnchanged);
  // And everything moved is to be uploaded as new documents, the redirect as well.
  const auto dirty = all_dirty_messages(file.db);
  REQUIRE(dirty.size() == 2);
  CHECK(dirty[0].mark.first_upload);
  CHECK(dirty[0].thread == file.thread_id(kAna));
}

TEST_CASE(
    "row ids of moved messages do not run out, however often a LID turns out to be a phone's") {
  InboxFile file;
  constexpr int kTimes = 70;  // more often than an integer can be doubled
  for (int i = 0; i < kTimes; ++i) {
    const std::string lid = std::to_string(7000 + i) + "@lid";
    file.put(inbound(lid, "A", "x"));
    file.put(inbound(lid, "B", "y"));
    CHECK(learn(file, lid, std::to_string(40'730'000'000 + i) + "@s.whatsapp.net"));
  }
  CHECK(file.number("SELECT count(*) FROM messages") == 2 * kTimes);
  CHECK(file.number("SELECT max(row_id) FROM messages") <= 4 * kTimes);
}

TEST_CASE("both threads exist: they become one, with the better and newer of each fact") {
  InboxFile file;
  file.put(inbound(kAnaLid, "same", "told twice", 300));
  file.put(inbound(kAnaLid, "L", "newest", 100));
  Message by_phone = inbound(kAna, "same", "told twice", 300);
  file.put(by_phone);
  file.put(outbound(kAna, "P", "ours", 200));
  file.write([](InboxWriter& inbox) {
    inbox.put_push_name(jid(kAnaLid), "ana");
    inbox.put_conversation(conversation(kAna, "Ana Pop", 200));
  });
  learn(file);
  const ThreadListing thread = file.thread(kAna);
  CHECK(thread.messages == 3);
  CHECK(thread.name == "Ana Pop");
  CHECK(thread.last_message == "newest");
  CHECK(thread.direction == Direction::kInbound);
  CHECK(thread.last_message_at.value == kNow.value - 100);
  CHECK(file.messages(kAna).size() == 3);
  CHECK(file.number("SELECT count(*) FROM messages") == 3);
}

TEST_CASE("the merge happens inside a transaction that also writes") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_conversation(conversation(kAnaLid, "Ana", 400));
    inbox.put_message(from_history(inbound(kAnaLid, "A", "x", 300)));
    inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
    inbox.put_message(from_history(inbound(kAnaLid, "B", "y", 200)));
    inbox.put_message(from_history(inbound(kAna, "C", "z", 100)));
    CHECK(inbox.has_thread(jid(kAnaLid)));
    CHECK(inbox.canonical(jid("555444333:3@lid")) == jid(kAna));
  });
  CHECK(file.thread(kAna).messages == 3);
  CHECK(file.thread(kAna).name == "Ana");
  CHECK(file.thread(kAna).last_message == "z");
  CHECK(file.thread(kAnaLid).hidden_because == HiddenBecause::kRedirected);
}

TEST_CASE("contacts known by LID and by phone become one") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_push_name(jid(kAnaLid), "ana");
    inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana Pop"});
  });
  learn(file);
  const auto contact = find_contact(file.db, jid(kAnaLid));
  REQUIRE(contact);
  CHECK(contact->jid == jid(kAna));
  CHECK(contact->saved_name == "Ana Pop");
  CHECK(contact->push_name == "ana");
  CHECK(contact->lid == jid(kAnaLid));
  CHECK(inbox_totals(file.db).contacts == 1);
}

TEST_CASE("a contact that states its LID teaches the mapping") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "x"));
  file.write([](InboxWriter& inbox) {
    CHECK(inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana", .lid = jid(kAnaLid)}));
  });
  CHECK(file.thread(kAna).messages == 1);
  CHECK(file.thread(kAna).name == "Ana");
}

TEST_CASE("only a LID and a phone number make a mapping") {
  InboxFile file;
  CHECK_FALSE(learn(file, kAna, kAnaLid));
  CHECK_FALSE(learn(file, kAnaLid, kAnaLid));
  CHECK_FALSE(learn(file, kAnaLid, kGroup));
  CHECK_FALSE(learn(file, "lid", kAna));
  CHECK_FALSE(learn(file, kAnaLid, "name@s.whatsapp.net"));
  CHECK(file.number("SELECT count(*) FROM lid_mappings") == 0);
}

TEST_CASE("in groups a sender is the phone once it is known") {
  InboxFile file;
  learn(file);
  file.put(in_group("A", kAnaLid, "x"));
  const auto message = file.messages(kGroup).at(0).message;
  CHECK(message.sender == jid(kAna));
  CHECK(message.key.participant == kAnaLid);
}

TEST_CASE("what waited for a message of the LID thread finds it in the phone's") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_message(inbound(kAnaLid, "other", "x"));
    inbox.put_reaction({.chat = jid(kAnaLid),
                        .target = {.id = "A", .remote_jid = {}, .from_me = true, .participant = {}},
                        .by = jid(kAnaLid),
                        .emoji = "👍",
                        .at = kNow});
  });
  learn(file);
  file.put(outbound(kAna, "A", "x", 10));
  CHECK(file.messages(kAna).back().message.reactions.size() == 1);
}

TEST_CASE("a person who changes the number keeps the old conversation where it is") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "x"));
  learn(file);
  CHECK(learn(file, kAnaLid, "40744444444@s.whatsapp.net"));
  file.put(inbound(kAnaLid, "B", "new number", 5));
  CHECK(file.thread(kAna).messages == 1);
  CHECK(file.thread("40744444444@s.whatsapp.net").messages == 1);
}

TEST_CASE("an upload under way does not mark a message that moved meanwhile") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "x"));
  const auto sent = all_dirty_messages(file.db);
  REQUIRE(sent.size() == 1);
  learn(file);
  {
    Transaction transaction(file.db, "test");
    mark_uploaded(file.db, std::vector<DirtyMark>{sent[0].mark});
    transaction.commit();
  }
  const auto now_dirty = all_dirty_messages(file.db);
  REQUIRE(now_dirty.size() == 1);
  CHECK(now_dirty[0].mark.first_upload);
}

TEST_CASE("a LID that was ours is ours, and its chat is the one with ourselves") {
  InboxFile file;
  constexpr std::string_view kFormer = "11112222@lid";
  constexpr std::string_view kOwn = "40737123397@s.whatsapp.net";
  learn(file, kFormer, kOwn);
  file.put(outbound(kFormer, "A", "note to myself"));
  file.put(outbound("99887766@lid", "B", "another"));
  file.put(outbound(kOwn, "C", "a third"));
  CHECK(file.number("SELECT count(*) FROM threads") == 1 + file.has_thread("99887766@lid"));
  CHECK(file.thread(kOwn).messages >= 2);
  Message named = inbound(kFormer, "D", "x");
  named.sender_name = "Our Own Name";
  file.put(named);
  CHECK(file.number("SELECT count(*) FROM contacts WHERE push_name = 'Our Own Name'") == 0);
}

}  // namespace lid_test
