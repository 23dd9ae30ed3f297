// Where a thread's display name comes from.
#include "fixture.h"

namespace names_test {

using namespace wasync;
using namespace wasync::test;

namespace {

Message named(Message message, std::string sender_name) {
  message.sender_name = std::move(sender_name);
  return message;
}

void put_contact(InboxFile& file, Contact contact) {
  file.write([&](InboxWriter& inbox) { inbox.put_contact(contact); });
}

}  // namespace

TEST_CASE("a better source replaces a name, a worse one never does") {
  InboxFile file;
  file.put(inbound(kAna, "A", "hello"));
  CHECK(file.thread(kAna).name == "+40711111111");
  put_contact(file, {.jid = jid(kAna), .verified_name = "Ana Flowers SRL"});
  CHECK(file.thread(kAna).name == "Ana Flowers SRL");
  file.put(named(inbound(kAna, "B", "hello", 90), "ana ✿"));
  CHECK(file.thread(kAna).name == "ana ✿");
  file.write([](InboxWriter& inbox) { inbox.put_conversation(conversation(kAna, "Ana (chat)")); });
  CHECK(file.thread(kAna).name == "Ana (chat)");
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop"});
  CHECK(file.thread(kAna).name == "Ana Pop");

  file.write([](InboxWriter& inbox) { inbox.put_conversation(conversation(kAna, "Worse")); });
  file.put(named(inbound(kAna, "C", "hello", 80), "worse"));
  put_contact(file, {.jid = jid(kAna), .verified_name = "Worst"});
  CHECK(file.thread(kAna).name == "Ana Pop");

  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Popescu"});
  CHECK(file.thread(kAna).name == "Ana Popescu");
}

TEST_CASE("without a saved name the next best source names the thread") {
  InboxFile file;
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop", .verified_name = "Ana SRL"});
  SUBCASE("a push name") {
    file.put(named(inbound(kAna, "A", "hello"), "ana"));
    REQUIRE(file.thread(kAna).name == "Ana Pop");
    file.write([](InboxWriter& inbox) { CHECK(inbox.clear_saved_name(jid(kAna))); });
    CHECK(file.thread(kAna).name == "ana");
  }
  SUBCASE("a business name") {
    file.put(inbound(kAna, "A", "hello"));
    file.write([](InboxWriter& inbox) { CHECK(inbox.clear_saved_name(jid(kAna))); });
    CHECK(file.thread(kAna).name == "Ana SRL");
  }
  SUBCASE("told for the LID") {
    file.put(inbound(kAna, "A", "hello"));
    file.write([](InboxWriter& inbox) {
      inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
      CHECK(inbox.clear_saved_name(jid(kAnaLid)));
    });
    CHECK(file.thread(kAna).name == "Ana SRL");
  }
  const std::int64_t revisions = file.revisions();
  file.write([](InboxWriter& inbox) { CHECK_FALSE(inbox.clear_saved_name(jid(kAna))); });
  CHECK(file.revisions() == revisions);
}

TEST_CASE("without any other source the number is shown") {
  InboxFile file;
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop"});
  file.put(inbound(kAna, "A", "hello"));
  file.write([](InboxWriter& inbox) { inbox.clear_saved_name(jid(kAna)); });
  CHECK(file.thread(kAna).name == "+40711111111");
}

TEST_CASE("contacts known before a thread name it when it comes") {
  InboxFile file;
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop"});
  file.put(named(inbound(kAna, "A", "hello"), "ana"));
  CHECK(file.thread(kAna).name == "Ana Pop");
}

TEST_CASE("our own push name never names a thread") {
  InboxFile file;
  file.put(named(outbound(kAna, "A", "hello"), "Our Own Name"));
  CHECK(file.thread(kAna).name == "+40711111111");
  // Our own message in a group, also when an old client tells it as somebody's.
  Message odd = in_group("B", "40737123397@s.whatsapp.net", "x");
  file.put(named(odd, "Our Own Name"));
  file.write([](InboxWriter& inbox) {
    CHECK_FALSE(inbox.put_push_name(jid("40737123397@s.whatsapp.net"), "Our Own Name"));
    CHECK_FALSE(inbox.put_push_name(jid("99887766@lid"), "Our Own Name"));
    inbox.put_message(outbound("40737123397@s.whatsapp.net", "C", "note to self"));
    inbox.put_conversation(conversation("40737123397@s.whatsapp.net", "Our Own Name"));
  });
  CHECK(file.thread("40737123397@s.whatsapp.net").name == "+40737123397");
  CHECK(file.number("SELECT count(*) FROM contacts") == 0);
}

TEST_CASE("a history name that spells the number is no name") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_conversation(conversation(kAna, "+40 711 111 111"));
    inbox.put_push_name(jid(kAna), "ana");
  });
  CHECK(file.thread(kAna).name == "ana");
}

TEST_CASE("of push names the one told last counts, whatever the order of history") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_message(named(from_history(inbound(kAna, "A", "x", 100)), "Ana now"));
    inbox.put_message(named(from_history(inbound(kAna, "B", "x", 900)), "Ana long ago"));
  });
  CHECK(file.thread(kAna).name == "Ana now");
  file.put(named(inbound(kAna, "C", "x", 10), "Ana newest"));
  CHECK(file.thread(kAna).name == "Ana newest");
  CHECK(find_contact(file.db, jid(kAna))->push_name == "Ana newest");
}

TEST_CASE("who changes the push name with each message has the first one for a minute") {
  InboxFile file;
  file.put(named(inbound(kAna, "A", "x", 900), "Ana"));
  file.put(named(inbound(kAna, "B", "x", 890), "Ana 2"));
  CHECK(file.thread(kAna).name == "Ana");
  file.put(named(inbound(kAna, "C", "x", 840), "Ana 3"));
  CHECK(file.thread(kAna).name == "Ana 3");
}

TEST_CASE("groups are named by their subject") {
  InboxFile file;
  file.put(named(in_group("A", kAna, "hello"), "ana"));
  CHECK(file.thread(kGroup).name == "ana");  // the app's fallback: who wrote last
  CHECK(file.thread(kGroup).last_sender_name == "ana");
  file.write([](InboxWriter& inbox) { inbox.put_conversation(conversation(kGroup, "The team")); });
  CHECK(file.thread(kGroup).name == "The team");
  file.write([](InboxWriter& inbox) {
    CHECK(inbox.put_group_subject(jid(kGroup), "The new team"));
    CHECK_FALSE(inbox.put_group_subject(jid(kGroup), "The new team"));
    CHECK_FALSE(inbox.put_group_subject(jid(kAna), "No group"));
  });
  CHECK(file.thread(kGroup).name == "The new team");
  // Writing in a group names the person's own thread too.
  file.put(inbound(kAna, "B", "hi", 50));
  CHECK(file.thread(kAna).name == "ana");
}

TEST_CASE("a group that was named before anybody wrote has that name when its thread comes") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_group_subject(jid(kGroup), "The tem");
    inbox.put_group_subject(jid(kGroup), "The team");
    CHECK_FALSE(inbox.has_thread(jid(kGroup)));
  });
  file.put(named(in_group("A", kAna, "hello"), "ana"));
  CHECK(file.thread(kGroup).name == "The team");
  file.write([](InboxWriter& inbox) { inbox.put_group_subject(jid(kGroup), "Another"); });
  CHECK(file.thread(kGroup).name == "Another");
}

TEST_CASE("in groups a saved contact's name goes before the push name") {
  InboxFile file;
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop"});
  file.put(named(in_group("A", kAna, "hello"), "ana"));
  CHECK(file.thread(kGroup).last_sender_name == "Ana Pop");
  CHECK(file.messages(kGroup).at(0).message.sender_name == "Ana Pop");
}

TEST_CASE("a sender without a name takes it from a contact that came later") {
  InboxFile file;
  file.put(in_group("A", kAna, "hello"));
  CHECK(file.messages(kGroup).at(0).message.sender_name.empty());
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop"});
  CHECK(file.messages(kGroup).at(0).message.sender_name == "Ana Pop");
}

TEST_CASE("a removed name goes from what its person wrote") {
  InboxFile file;
  const auto names_of = [&](std::string_view chat) {
    std::string names;
    for (const StoredMessage& each : file.messages(chat)) names += each.message.sender_name + ";";
    return names;
  };
  const auto clear = [&] {
    file.write([](InboxWriter& inbox) { CHECK(inbox.clear_saved_name(jid(kAna))); });
  };
  const std::string_view dan = "40722222222@s.whatsapp.net";
  put_contact(file, {.jid = jid(dan), .saved_name = "Ana Pop"});
  file.put(in_group("D", dan, "I am another", 900));
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop"});
  SUBCASE("the next best name takes its place") {
    file.put(named(in_group("A", kAna, "one", 200), "ana"));
    file.put(named(inbound(kAna, "B", "two"), "ana"));
    clear();
    CHECK(names_of(kGroup) == "Ana Pop;ana;");
    CHECK(names_of(kAna) == "ana;");
    CHECK(file.thread(kGroup).last_sender_name == "ana");
    CHECK(file.thread(kAna).last_sender_name == "ana");
  }
  SUBCASE("without one, none") {
    file.put(in_group("A", kAna, "one", 200));
    file.put(inbound(kAna, "B", "two"));
    clear();
    CHECK(names_of(kGroup) == "Ana Pop;;");
    CHECK(names_of(kAna) == ";");
    CHECK(file.thread(kGroup).last_sender_name.empty());
    CHECK(file.thread(kAna).last_sender_name.empty());
  }
  SUBCASE("and so do the names that were saved before it") {
    file.put(in_group("A", kAna, "one", 200));
    put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Ionescu"});
    CHECK(names_of(kGroup) == "Ana Pop;Ana Pop;");  // a change is no removal
    file.put(in_group("B", kAna, "two"));
    clear();
    CHECK(names_of(kGroup) == "Ana Pop;;;");
  }
  SUBCASE("also from what came under the LID before the phone was known") {
    put_contact(file, {.jid = jid(kAnaLid), .saved_name = "Ana of the LID"});
    file.put(named(in_group("A", kAnaLid, "one", 200), "ana"));
    file.put(inbound(kAnaLid, "B", "two"));
    file.write([](InboxWriter& inbox) {
      inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
    });
    clear();
    CHECK(names_of(kGroup) == "Ana Pop;ana;");
    CHECK(names_of(kAna) == "ana;");
    CHECK(file.number("SELECT count(*) FROM threads WHERE 'Ana of the LID' IN"
                      " (name, last_sender_name)") == 0);
  }
  SUBCASE("from what the same transaction wrote") {
    file.write([](InboxWriter& inbox) {
      inbox.put_message(in_group("A", kAna, "one", 200));
      CHECK(inbox.clear_saved_name(jid(kAna)));
    });
    CHECK(names_of(kGroup) == "Ana Pop;;");
    CHECK(file.thread(kGroup).last_sender_name.empty());
  }
  SUBCASE("not when it is saved again at once") {
    file.put(in_group("A", kAna, "one", 200));
    file.write([](InboxWriter& inbox) {
      CHECK(inbox.clear_saved_name(jid(kAna)));
      inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana Pop"});
    });
    CHECK(names_of(kGroup) == "Ana Pop;Ana Pop;");
    CHECK(file.thread(kGroup).last_sender_name == "Ana Pop");
  }
}

TEST_CASE("what a removed name was in is to be uploaded again, and nothing else") {
  InboxFile file;
  file.put(named(in_group("A", kAna, "before it was saved", 300), "ana"));
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana Pop"});
  file.put(named(in_group("B", kAna, "one", 200), "ana"));
  file.put(in_group("C", "40722222222@s.whatsapp.net", "two", 250));
  file.db.execute("UPDATE messages SET uploaded_revision = revision, upload_error = 'too long'");
  file.db.execute("UPDATE threads SET uploaded_revision = revision");
  file.write([](InboxWriter& inbox) { CHECK(inbox.clear_saved_name(jid(kAna))); });
  CHECK(file.number("SELECT count(*) FROM messages WHERE revision > uploaded_revision") == 1);
  CHECK(file.number("SELECT count(*) FROM messages WHERE document_id = 'B' AND"
                    " revision > uploaded_revision AND upload_error IS NULL") == 1);
  CHECK(file.number("SELECT count(*) FROM threads WHERE revision > uploaded_revision") == 1);
}

TEST_CASE("names are one valid line of bounded length") {
  InboxFile file;
  std::string hostile = " a\n\tb\xFF ";
  hostile.append(5000, 'x');
  file.write([&](InboxWriter& inbox) { inbox.put_conversation(conversation(kAna, hostile)); });
  const std::string name = file.thread(kAna).name;
  CHECK(name.starts_with("a b\xEF\xBF\xBD x"));
  CHECK(name.size() <= 256 * 4);
}

TEST_CASE("empty fields of a contact leave what is known") {
  InboxFile file;
  put_contact(file,
              {.jid = jid(kAna), .saved_name = "Ana", .push_name = "a", .verified_name = "V"});
  const std::int64_t before = file.number("SELECT revision FROM contacts");
  put_contact(file, {.jid = jid(kAna)});
  put_contact(file, {.jid = jid(kAna), .saved_name = "Ana"});
  CHECK(file.number("SELECT revision FROM contacts") == before);
  const auto contact = find_contact(file.db, jid(kAna));
  REQUIRE(contact);
  CHECK(contact->saved_name == "Ana");
  CHECK(contact->push_name == "a");
  CHECK(contact->verified_name == "V");
}

}  // namespace names_test
