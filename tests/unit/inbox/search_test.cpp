#include "inbox/search.h"

#include "fixture.h"
#include "inbox/search_index.h"

namespace search_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kDan = "40722222222@s.whatsapp.net";

// Ids of the messages that are found, in their order.
std::string found(InboxFile& file, std::string text, MessageSearch search = {}) {
  search.text = std::move(text);
  std::string out;
  for (const FoundMessage& each : search_messages(file.db, search))
    out += each.message.id.str() + "|";
  return out;
}

std::string excerpt(InboxFile& file, std::string text) {
  const auto all = search_messages(file.db, {.text = std::move(text)});
  REQUIRE(all.size() == 1);
  return all.front().excerpt;
}

// The index has exactly what the rows have, as a scan of them shows.
void check_index(InboxFile& file) {
  complete_search_index(file.db);
  for (const char* check :
       {"INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)",
        "INSERT INTO thread_search (thread_search, rank) VALUES ('integrity-check', 1)",
        "INSERT INTO address_search (address_search, rank) VALUES ('integrity-check', 1)"}) {
    CAPTURE(check);
    CHECK_NOTHROW(file.db.execute(check));
  }
  CHECK(file.number("SELECT messages_to FROM search_state") ==
        file.number("SELECT coalesce(max(row_id), 0) FROM messages"));
  CHECK(file.number("SELECT threads_to FROM search_state") ==
        file.number("SELECT coalesce(max(row_id), 0) FROM threads"));
}

std::int64_t tables(InboxFile& file) {
  return file.number("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%search%'");
}

ErrorCode failure(InboxFile& file, const std::string& text) {
  try {
    found(file, text);
  } catch (const Error& error) {
    CHECK_FALSE(error.hint().empty());
    return error.code();
  }
  return ErrorCode::kInternal;
}

Amend edit(InboxFile& file, std::string id, std::string body) {
  return file.put<Amend>([&](InboxWriter& inbox) {
    return inbox.put_edit({.chat = jid(kAna),
                           .target = inbound(kAna, id, "").key,
                           .by = jid(kAna),
                           .body = body,
                           .at = kNow});
  });
}

Amend take_back(InboxFile& file, std::string id) {
  return file.put<Amend>([&](InboxWriter& inbox) {
    return inbox.put_revoke(
        {.chat = jid(kAna), .target = inbound(kAna, id, "").key, .by = jid(kAna), .at = kNow});
  });
}

Message document(std::string id, std::string filename) {
  Message m = inbound(kAna, std::move(id), "");
  m.body.reset();
  m.type = message_type::kDocument;
  m.media = Media{.type = std::string(message_type::kDocument), .filename = std::move(filename)};
  return m;
}

}  // namespace

TEST_CASE("words are found by their beginnings, whatever the case and the accents") {
  InboxFile file;
  file.put(inbound(kAna, "A", "Tortul de ciocolată e gata", 300));
  file.put(inbound(kDan, "B", "două TORTURI, mâine", 200));
  file.put(inbound(kAna, "C", "retort", 100));
  file.put(inbound(kAna, "D", "Ştefan și s\u0326coala", 50));
  CHECK(found(file, "tort") == "B|A|");
  CHECK(found(file, "TORȚ") == "B|A|");
  CHECK(found(file, "gata tort") == "A|");
  CHECK(found(file, "tort maine") == "B|");
  CHECK(found(file, "tort retort") == "");
  for (const char* spelled : {"ștefan", "ştefan", "stefan", "s\u0326tefan", "școa", "şcoa", "scoa"})
    CHECK(found(file, spelled) == "D|");
  check_index(file);
}

TEST_CASE("the newest come first, as many as wanted, of a time and of a thread") {
  InboxFile file;
  file.put(inbound(kAna, "A", "unu", 400));
  file.put(inbound(kDan, "B", "unu", 100));
  file.put(from_history(inbound(kAna, "C", "unu", 300)));
  file.put(outbound(kAna, "D", "unu", 200));
  CHECK(found(file, "unu") == "B|D|C|A|");
  CHECK(found(file, "unu", {.limit = 2}) == "B|D|");
  CHECK(found(file, "unu", {.since = {kNow.value - 300}}) == "B|D|C|");
  CHECK(found(file, "unu", {.thread = file.thread_id(kAna)}) == "D|C|A|");
  CHECK(found(file, "unu", {.thread = file.thread_id(kAna), .limit = 1}) == "D|");
  CHECK(found(file, "unu", {.thread = file.thread_id(kAna), .since = {kNow.value - 300}}) ==
        "D|C|");
  const auto all = search_messages(file.db, {.text = "unu", .limit = 1});
  CHECK(all.front().thread.jid == jid(kDan));
  CHECK(all.front().message.message.body == "unu");
}

TEST_CASE("rare and common words are found in a long thread as in a short one") {
  InboxFile file;
  int others = 0;
  SUBCASE("a short one") {}
  SUBCASE("a long one") {
    others = 5'100;
  }
  file.write([&](InboxWriter& inbox) {
    for (int i = 0; i < 1'200; ++i)
      inbox.put_message(inbound(kDan, "B" + std::to_string(i), "peste tot", 6'000 + i));
    inbox.put_message(inbound(kDan, "B", "rar", 10));
    for (int i = 0; i < others; ++i)
      inbox.put_message(inbound(kAna, "O" + std::to_string(i), "altceva", 20'000 + i));
    inbox.put_message(inbound(kAna, "A1", "Peste tot, rar", 5000));
    inbox.put_message(inbound(kAna, "A2", "nicăieri", 5001));
    inbox.put_message(inbound(kAna, "A3", "tot, peste", 5002));
    inbox.put_message(document("A4", "peste tot, rar.pdf"));
  });
  const ThreadId thread = file.thread_id(kAna);
  CHECK(found(file, "rar", {.thread = thread}) == "A4|A1|");
  CHECK(found(file, "rar", {.thread = thread, .limit = 1}) == "A4|");
  CHECK(found(file, "peste tot", {.thread = thread}) == "A4|A1|A3|");
  CHECK(found(file, "peste tot", {.thread = thread, .limit = 2}) == "A4|A1|");
  CHECK(found(file, "peste", {.thread = thread, .since = {kNow.value - 5001}}) == "A4|A1|");
  CHECK(found(file, "tot", {.limit = 3}) == "A4|A1|A3|");
  CHECK(take_back(file, "A4") == Amend::kApplied);
  CHECK(found(file, "peste tot", {.thread = thread}) == "A1|A3|");
  CHECK(found(file, "rar", {.thread = thread}) == "A1|");
}

TEST_CASE("captions, names of files and a poll's options are searched") {
  InboxFile file;
  file.put(document("D", "Factura_martie.pdf"));
  Message poll = inbound(kAna, "P", "Când?\n- sâmbătă\n- duminică");
  poll.type = message_type::kPoll;
  file.put(poll);
  CHECK(found(file, "factura martie pdf") == "D|");
  CHECK(excerpt(file, "martie") == "Factura_martie.pdf");
  CHECK(found(file, "dumini") == "P|");
  check_index(file);
}

TEST_CASE("an excerpt is one line around the first word that was found") {
  InboxFile file;
  std::string text;
  for (int i = 0; i < 40; ++i) text += "vorbe\n multe ";
  file.put(inbound(kAna, "A", "scurt și cuprinzător", 200));
  file.put(inbound(kAna, "B", text + "Tortul " + text, 100));
  CHECK(excerpt(file, "cuprin") == "scurt și cuprinzător");
  const std::string middle = excerpt(file, "tort");
  CHECK(middle.starts_with("…multe vorbe multe vorbe multe Tortul vorbe"));
  CHECK(middle.ends_with("…"));
  CHECK(middle.size() < 130);
}

TEST_CASE("an edit is found by its new text only") {
  InboxFile file;
  file.put(inbound(kAna, "A", "vechiul text"));
  CHECK(edit(file, "A", "noul cuprins") == Amend::kApplied);
  CHECK(found(file, "vechiul") == "");
  CHECK(found(file, "noul") == "A|");
  check_index(file);
  // Both in one transaction: only what stays is ever in the index.
  file.write([](InboxWriter& inbox) {
    inbox.put_message(inbound(kAna, "B", "prima formă"));
    inbox.put_edit({.chat = jid(kAna),
                    .target = inbound(kAna, "B", "").key,
                    .by = jid(kAna),
                    .body = "ultima formă",
                    .at = kNow});
  });
  CHECK(found(file, "prima") == "");
  CHECK(found(file, "ultima") == "B|");
  check_index(file);
}

TEST_CASE("what was taken back is not found, nor its file's name") {
  InboxFile file;
  file.put(inbound(kAna, "A", "secretul meu"));
  file.put(document("D", "secret.pdf"));
  CHECK(found(file, "secret") == "D|A|");
  for (const char* id : {"A", "D"}) CHECK(take_back(file, id) == Amend::kApplied);
  CHECK(found(file, "secret") == "");
  check_index(file);
}

TEST_CASE("nor does the index keep a part of it, or of a removed name, for later") {
  InboxFile file;
  file.write(
      [](InboxWriter& inbox) { inbox.put_contact({.jid = jid(kAna), .saved_name = "Secreta"}); });
  file.put(inbound(kAna, "A", "secretul meu", 300));
  check_index(file);
  const auto kept = [&] {
    return file.number(
        "SELECT count(*) FROM search_changes WHERE name || last_text LIKE '%secret%'");
  };
  SUBCASE("of the last message") {
    CHECK(take_back(file, "A") == Amend::kApplied);
    file.write([](InboxWriter& inbox) { CHECK(inbox.clear_saved_name(jid(kAna))); });
  }
  SUBCASE("of one before") {
    file.put(inbound(kAna, "B", "altceva", 200));
    CHECK(kept() == 1);
    CHECK(take_back(file, "A") == Amend::kApplied);
    CHECK(kept() == 0);
    file.put(inbound(kAna, "C", "și altceva", 100));
    CHECK(kept() == 1);  // the name
    file.write([](InboxWriter& inbox) { CHECK(inbox.clear_saved_name(jid(kAna))); });
  }
  CHECK(kept() == 0);
  check_index(file);
}

TEST_CASE("a message whose time was not known is found at the time that is told later") {
  InboxFile file;
  Message message = inbound(kAna, "A", "același text");
  const UnixSeconds sent_at = message.sent_at;
  message.sent_at = {};
  file.put(message);
  check_index(file);
  message.sent_at = sent_at;
  file.put(message);
  CHECK(found(file, "text", {.since = sent_at}) == "A|");
  check_index(file);
}

TEST_CASE("a message that comes again with what was missing is found by it") {
  InboxFile file;
  Message awaited = inbound(kAna, "A", "");
  awaited.body.reset();
  awaited.type = message_type::kUndecryptable;
  awaited.sent_at = {};  // unknown: it moves when the time comes
  file.put(awaited);
  check_index(file);
  file.put(inbound(kAna, "A", "acum se citește"));
  CHECK(found(file, "citește") == "A|");
  CHECK(found(file, "acum", {.since = {kNow.value - 100}}) == "A|");
  check_index(file);
}

TEST_CASE("messages that move to a phone's thread are found there") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "de la LID", 300));
  file.put(inbound(kAnaLid, "a/b", "cu alt id, de la LID", 200));
  file.put(inbound(kAna, "A", "de la LID", 300));
  file.write([](InboxWriter& inbox) {
    CHECK(inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}));
  });
  CHECK(search_messages(file.db, {.text = "de la lid"}).size() == 2);
  for (const FoundMessage& each : search_messages(file.db, {.text = "lid"}))
    CHECK(each.thread.jid == jid(kAna));
  check_index(file);
}

TEST_CASE("a deleted row's id is free again, and the next message with it is found") {
  InboxFile file;
  for (const char* id : {"A", "B", "C", "D"}) file.put(inbound(kAna, id, "text"));
  const std::int64_t last = file.number("SELECT max(row_id) FROM messages");
  file.db.execute("DELETE FROM messages WHERE document_id = 'C'");
  file.db.execute("DELETE FROM messages WHERE document_id = 'D'");
  check_index(file);
  file.put(inbound(kAna, "E", "altul"));
  CHECK(file.number("SELECT max(row_id) FROM messages") < last);
  CHECK(found(file, "altul") == "E|");
  CHECK(found(file, "text") == "B|A|");
  check_index(file);
}

TEST_CASE("what other programs insert is found, too") {
  InboxFile file;
  file.put(inbound(kAna, "A", "dinainte"));
  file.db.execute(
      "INSERT INTO messages (thread, sent_at, document_id, from_me, type, status, source, body)"
      " SELECT thread, 1, 'X', 0, 'text', 0, 1, 'de altundeva' FROM messages");
  CHECK(found(file, "altundeva") == "X|");
  check_index(file);
}

TEST_CASE("no text of a user is taken for an expression") {
  InboxFile file;
  file.put(inbound(kAna, "A", "or and not near body col quote o'clock NEAR"));
  for (const char* text :
       {"\"",      "\"\"",       "*",          "or\"", "\"or\"",       "body:or",
        "or*",     "^or",        "{or}",       "(or",  "or)",          "-or",
        "+or",     "or AND",     "or NOT and", "OR",   "NEAR(or and)", "or' ; DROP TABLE messages",
        "o'clock", "or\xFF\xFE", "or\\",       "or%",  "\u202Eor"}) {
    CAPTURE(text);
    std::string result;
    try {
      result = found(file, text);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kUsage);
    }
    CHECK((result.empty() || result == "A|"));
  }
  CHECK(found(file, "body:or") == "A|");
  CHECK(found(file, "or NOT and") == "A|");
  CHECK(found(file, std::string("or\0and", 6)) == "A|");
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "or" + std::string(static_cast<std::size_t>(i % 7), 'r');
  CHECK(found(file, many) == "");
  many.clear();
  for (int i = 0; i < 5'000; ++i) many += "cuvântul" + std::to_string(i) + " ";
  CHECK(found(file, many) == "");
  CHECK(found(file, std::string(100'000, 'a')) == "");
}

TEST_CASE("a text without a word is an error that says so") {
  InboxFile file;
  file.put(inbound(kAna, "A", "👍🏽 🥰"));
  for (const char* text : {"", " ", "👍", "👍🏽", "🥰", "?!", "\"", "\u0326", "\uFE0F"}) {
    CAPTURE(text);
    CHECK(failure(file, text) == ErrorCode::kUsage);
  }
}

TEST_CASE("the index can be switched off and on") {
  InboxFile file;
  file.put(inbound(kAna, "A", "dinainte", 300));
  const std::int64_t with = tables(file);
  switch_search_index(file.db, true);
  CHECK(tables(file) == with);
  switch_search_index(file.db, false);
  CHECK(tables(file) == 1);
  CHECK_FALSE(has_search_index(file.db));
  CHECK(failure(file, "dinainte") == ErrorCode::kConfig);
  file.put(inbound(kAna, "B", "între timp", 200));
  CHECK(edit(file, "A", "schimbat") == Amend::kApplied);
  CHECK(list_threads(file.db, {.search = "40711"}).size() == 1);
  double part = 0;
  switch_search_index(file.db, true, [&](double done) { part = done; });
  CHECK(part == 1);
  CHECK(tables(file) == with);
  CHECK(found(file, "timp") == "B|");
  CHECK(found(file, "schimbat") == "A|");
  file.put(inbound(kAna, "C", "după", 100));
  CHECK(found(file, "dupa") == "C|");
  check_index(file);
}

TEST_CASE("an interrupted filling goes on, and nothing is missing in between") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 12; ++i)
      inbox.put_message(inbound(kAna, "A" + std::to_string(i), "numărul " + std::to_string(i)));
  });
  // As if it had been killed after the fifth message.
  switch_search_index(file.db, false);
  switch_search_index(file.db, true);
  file.db.execute(
      "INSERT INTO message_search (message_search, rowid, body, filename)"
      " SELECT 'delete', number, body, filename FROM searched_messages WHERE row_id > 5;"
      "UPDATE search_state SET messages_to = 5");
  file.db.execute("UPDATE messages SET body = 'altceva' WHERE row_id IN (3, 9)");
  file.db.execute("DELETE FROM messages WHERE row_id IN (4, 10)");
  CHECK(found(file, "numarul 7") == "A7|");
  CHECK(search_messages(file.db, {.text = "numarul"}).size() == 8);
  CHECK(search_messages(file.db, {.text = "altceva"}).size() == 2);
  check_index(file);
}

TEST_CASE("a file of a version without an index gets an index of all it has") {
  InboxFile file;
  file.put(inbound(kAna, "A", "de demult", 300));
  file.put(inbound(kDan, "B", "la fel", 200));
  switch_search_index(file.db, false);
  // Row ids of merged threads used to be doubled.
  file.db.execute(
      "DROP TABLE search_state;"
      "UPDATE messages SET row_id = 1 << 40 WHERE document_id = 'B';"
      "INSERT INTO media_facts (message, media_key) VALUES (1 << 40, zeroblob(32));"
      "DROP INDEX waiting_amendments_by_sender; DROP INDEX sealed_by_sender;"
      "ALTER TABLE threads DROP COLUMN identity_changed_at; DROP TABLE left_out;"
      "ALTER TABLE threads DROP COLUMN too_large;"
      "UPDATE schema_versions SET version = 10 WHERE component = 'inbox'");
  migrate_inbox(file.db);
  CHECK(found(file, "de") == "A|");
  CHECK(found(file, "fel") == "B|");
  CHECK(file.number("SELECT max(row_id) FROM messages") == 2);
  CHECK(file.number("SELECT message FROM media_facts") == 2);
  check_index(file);
}

TEST_CASE("threads are found by the words of their names as these change") {
  InboxFile file;
  const auto names = [&](std::string text, std::optional<std::size_t> limit = 50) {
    std::string out;
    for (const ThreadListing& each :
         list_threads(file.db, {.limit = limit, .search = std::move(text)}))
      out += each.name + "|";
    return out;
  };
  file.write([](InboxWriter& inbox) {
    inbox.put_conversation(conversation(kAna, "Ştefania Pop", 100));
    inbox.put_conversation(conversation(kDan, "Dan", 50));
    inbox.put_conversation(conversation(kGroup, "Petrecerea lui Dan", 20));
  });
  CHECK(names("ștefan") == "Ştefania Pop|");
  CHECK(names("po stef") == "Ştefania Pop|");
  CHECK(names("dan") == "Petrecerea lui Dan|Dan|");
  CHECK(names("dan", 1) == "Petrecerea lui Dan|");
  CHECK(names("dan", std::nullopt) == "Petrecerea lui Dan|Dan|");
  CHECK(names("an") == "");  // not a beginning
  CHECK(names("0799") == "");
  CHECK(names("722 222") == "Dan|");
  CHECK(names("72") == "");  // too short
  CHECK(names("net") == "");
  CHECK(names("\"") == "");
  CHECK(names("1\"") == "");
  check_index(file);
  file.write([](InboxWriter& inbox) {
    inbox.put_contact({.jid = jid(kDan), .saved_name = "Daniel Ionescu"});
    inbox.put_message(inbound(kDan, "A", "Factura de luni", 10));
  });
  CHECK(names("ionescu") == "Daniel Ionescu|");
  CHECK(names("factura daniel") == "Daniel Ionescu|");
  check_index(file);
  file.write([](InboxWriter& inbox) { inbox.clear_saved_name(jid(kDan)); });
  CHECK(names("ionescu") == "");
  check_index(file);
  file.db.execute("DELETE FROM threads WHERE jid LIKE '120363%'");
  CHECK(names("petrecerea") == "");
  check_index(file);
  switch_search_index(file.db, false);
  CHECK(names("ștefan") == "Ştefania Pop|");
  CHECK(names("an") == "");
  CHECK(names("factura") == names("722 222"));
}

// More than are sorted.
TEST_CASE("of many threads with a name the newest are found") {
  InboxFile file;
  const auto count = [&](ListOptions options) {
    options.search = "multe";
    return list_threads(file.db, options).size();
  };
  file.db.execute(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
      " INSERT INTO threads (jid, name, last_message_at)"
      " SELECT printf('4079%07d@s.whatsapp.net', i),"
      " iif(i % 2, 'Multe ' || i, 'Altele ' || i), 1600000000 + i FROM n");
  const auto newest = list_threads(file.db, {.limit = 3, .search = "multe"});
  REQUIRE(newest.size() == 3);
  CHECK(newest[0].name == "Multe 4999");
  CHECK(newest[2].name == "Multe 4995");
  CHECK(count({}) == 2500);
  CHECK(count({.limit = 2'400}) == 2400);
  CHECK(count({.limit = 50, .since = {1'600'004'990}}) == 5);
  CHECK(list_threads(file.db, {.limit = 9, .search = "altele 4998"}).size() == 1);
  check_index(file);
}

}  // namespace search_test
