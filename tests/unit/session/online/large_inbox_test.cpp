// What a listener does on the thread that serves all accounts costs the same in a large inbox as in
// a small one: counted in steps of SQLite's virtual machine, not in time.
#include <algorithm>
#include <array>
#include <functional>

#include "inbox/dirty.h"
#include "inbox/queries.h"
#include "inbox/sealed.h"
#include "inbox/search.h"
#include "session/receive/awaited_messages.h"
#include "session/receive/missing_names.h"
#include "session/receive/phone_requests.h"
#include "unit/session/account.h"

namespace large_inbox_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr int kSmall = 600;  // threads; as many as are looked at for names
constexpr int kLarge = 20 * kSmall;
constexpr const char* kGroup = "120363001@g.us";

// A fifth are groups. The Inbox has everything but one thread's messages, or nothing.
enum class Uploaded { kMost, kNothing };

void grow(Database& db, int threads, Uploaded uploaded) {
  Transaction transaction(db, "test");
  db.prepare(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO threads (jid, name, last_message_at, newest_at, oldest_at, messages,"
        " uploaded_revision)"
        " SELECT CASE WHEN i % 5 = 1 THEN printf('120363%03d@g.us', i)"
        " ELSE printf('4073%07d@s.whatsapp.net', i) END, 'Nume ' || i, 1700000000 + i,"
        " 1700000000 + i, 1690000000 + i, 4, 1 FROM n")
      .bind(threads)
      .run();
  db.execute(
      "WITH k (k) AS (VALUES (0), (1), (2), (3))"
      " INSERT INTO messages (thread, sent_at, document_id, from_me, type, status, source, body,"
      " sender, sender_name, uploaded_revision)"
      " SELECT t.row_id, t.last_message_at - k * 1000, printf('3EB0%012X', t.row_id * 4 + k), 0,"
      " 'text', 0, 1, 'mesajul ' || k, CASE WHEN t.jid LIKE '%g.us' THEN"
      " printf('4073%07d@s.whatsapp.net', t.row_id + 1) END, t.name, 1 FROM threads t, k;"
      // The only ones with these words.
      "UPDATE threads SET name = 'Ștefania' WHERE row_id = 7;"
      "UPDATE messages SET body = 'Tortul de ziua ' || row_id WHERE thread = 7;"
      "INSERT INTO senders SELECT DISTINCT sender, thread FROM messages WHERE sender IS NOT NULL;"
      "INSERT INTO contacts (jid, saved_name, uploaded_revision)"
      " SELECT jid, name, 1 FROM threads WHERE jid LIKE '4073%';"
      "INSERT INTO lid_mappings SELECT replace(jid, 's.whatsapp.net', 'lid'), jid FROM contacts;"
      "INSERT INTO waiting_amendments (chat, target_id, target_from_me, target_participant, kind,"
      " sent_by, by_admin, text, at) SELECT jid, 'NEVER', 0, '', 0, jid, 0, '+', 1 FROM threads"
      " LIMIT 5000;"
      // A thread's messages are counted as unsent until they are uploaded.
      "UPDATE totals SET unsent = unsent - messages;"
      "UPDATE messages SET revision = 2 WHERE thread = 600");
  if (uploaded == Uploaded::kNothing)
    for (const char* table : {"threads", "messages", "contacts"})
      db.execute(std::string("UPDATE ") + table + " SET uploaded_revision = 0");
  transaction.commit();
}

struct Grown : LinkedAccount {
  explicit Grown(int threads, Uploaded uploaded = Uploaded::kMost) { grow(db, threads, uploaded); }
  Writer ana{*this};
  int written = 0;

  template <typename Write>
  void write(Write write_to) {
    Transaction transaction(db, "test");
    InboxWriter inbox(db);
    write_to(inbox);
    inbox.flush();
    transaction.commit();
  }
  void receive(const Node& stanza) { Receiver{*this}.receive(stanza); }
};

struct Operation {
  std::string name;
  std::function<void(Grown&)> run;
};

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all{
      {"totals", [](Grown& it) { inbox_totals(it.db); }},
      {"since when something waits to be uploaded", [](Grown& it) { unsent_since(it.db); }},
      {"why the Inbox refused something", [](Grown& it) { a_refusal(it.db); }},
      {"what waits to be uploaded", [](Grown& it) { threads_with_dirty_messages(it.db); }},
      {"threads that wait", [](Grown& it) { dirty_threads(it.db); }},
      {"messages of a thread that wait",
       [](Grown& it) { CHECK_FALSE(dirty_messages(it.db, kSmall, 100, {}).empty()); }},
      {"contacts that wait", [](Grown& it) { dirty_contacts(it.db, 100, 0); }},
      {"what is awaited", [](Grown& it) { count_undecryptable(it.db); }},
      {"what did not open", [](Grown& it) { unopened_counts(it.db); }},
      {"requests to the phone", [](Grown& it) { until_phone_may_be_asked(it.db, {1}); }},
      {"who is nameless", [](Grown& it) { find_nameless(it.db, UnixSeconds::now()); }},
      {"the newest threads", [](Grown& it) { list_threads(it.db, {.limit = 20}); }},
      {"a thread by its address", [](Grown& it) { find_thread(it.db, kGroup); }},
      {"a thread's messages",
       [](Grown& it) {
         thread_messages(it.db, thread_id_for(account_id_for("+40700000001"), jid(kGroup)));
       }},
      {"threads by a name",
       [](Grown& it) {
         CHECK(list_threads(it.db, {.limit = 50, .search = "stefan"}).size() == 1);
       }},
      {"threads by a name that many have",
       [](Grown& it) { CHECK(list_threads(it.db, {.limit = 50, .search = "nume"}).size() == 50); }},
      {"threads by a part of a phone number",
       [](Grown& it) {
         CHECK(list_threads(it.db, {.limit = 50, .search = "0730 000 002"}).size() == 1);
       }},
      {"messages by a word",
       [](Grown& it) { CHECK(search_messages(it.db, {.text = "TORT ziua"}).size() == 4); }},
      {"messages by a word that all have",
       [](Grown& it) { CHECK(search_messages(it.db, {.text = "mesaj"}).size() == 50); }},
      {"a thread's messages by a word that all have",
       [](Grown& it) {
         const ThreadId thread = thread_id_for(account_id_for("+40700000001"), jid(kGroup));
         CHECK(search_messages(it.db, {.text = "mesaj", .thread = thread}).size() == 4);
       }},
      {"an edit",
       [](Grown& it) {
         it.write([&](InboxWriter& inbox) {
           const Amend edited = inbox.put_edit({.chat = jid("40730000002@s.whatsapp.net"),
                                                .target = {.id = "3EB0000000000008"},
                                                .by = jid("40730000002@s.whatsapp.net"),
                                                .body = "altfel " + std::to_string(++it.written),
                                                .at = {1'800'000'000 + it.written}});
           CHECK(edited == Amend::kApplied);
         });
       }},
      {"anchors",
       [](Grown& it) {
         oldest_messages(it.db, thread_id_for(account_id_for("+40700000001"), jid(kGroup)), 10);
       }},
      {"a live message",
       [](Grown& it) {
         it.receive(message_stanza("L" + std::to_string(++it.written), {{"from", jid(kAna)}},
                                   {it.ana.enc(text_message("live"))}));
       }},
      {"a contact's name",
       [](Grown& it) {
         it.write([&](InboxWriter& inbox) {
           inbox.put_contact({.jid = jid("40730000002@s.whatsapp.net"),
                              .saved_name = "Altul " + std::to_string(++it.written)});
         });
       }},
      {"a contact's name that is removed",
       [](Grown& it) {
         const Jid contact = jid("40730000002@s.whatsapp.net");
         it.write([&](InboxWriter& inbox) {
           inbox.put_contact({.jid = contact, .saved_name = "Pe scurt"});
         });
         it.write([&](InboxWriter& inbox) { CHECK(inbox.clear_saved_name(contact)); });
       }},
      {"a LID with messages that turns out to be a phone's",
       [](Grown& it) {
         const std::string id = std::to_string(900 + ++it.written);
         it.write([&](InboxWriter& inbox) {
           inbox.put_message({.key = {.id = "L" + id, .remote_jid = id + "@lid"},
                              .chat = jid(id + "@lid"),
                              .sent_at = {1'700'000'000},
                              .body = "de la un LID"});
         });
         it.write([&](InboxWriter& inbox) {
           CHECK(inbox.put_lid_mapping(
               {.lid = jid(id + "@lid"), .phone = jid("4074" + id + "@s.whatsapp.net")}));
         });
       }},
      {"the account's settings", [](Grown& it) { update_account(it.db, [](Account&) {}); }},
  };
  return all;
}

std::int64_t steps = 0;
std::string dearest;

void count(const StatementCost& cost) {
  static std::int64_t most = 0;
  if (steps == 0) most = 0;
  steps += cost.steps;
  if (cost.steps <= most) return;
  most = cost.steps;
  dearest = cost.sql;
}

// Once to fill what is kept in memory and in the search index, once to count. (A statement keeps
// its count until somebody observes it.)
std::int64_t steps_of(const Operation& operation, Grown& account) {
  observe_statements(count);
  operation.run(account);
  steps = 0;
  operation.run(account);
  observe_statements(nullptr);
  return steps;
}

}  // namespace

TEST_CASE("on the thread that serves everyone nothing costs more in a large inbox") {
  Grown small(kSmall);
  Grown large(kLarge);
  for (const Operation& operation : operations()) {
    CAPTURE(operation.name);
    const auto in_small = static_cast<double>(steps_of(operation, small));
    const auto in_large = static_cast<double>(steps_of(operation, large));
    CAPTURE(dearest);
    CHECK(in_small > 0);
    CHECK(in_large <= 1.2 * in_small);
  }
}

TEST_CASE("nor where everything still waits to be uploaded, as it does without Firestore") {
  Grown small(kSmall, Uploaded::kNothing);
  Grown large(kLarge, Uploaded::kNothing);
  for (const std::string name :
       {"totals", "since when something waits to be uploaded", "contacts that wait",
        "messages of a thread that wait", "a live message", "a contact's name that is removed"}) {
    CAPTURE(name);
    const auto operation = std::ranges::find(operations(), name, &Operation::name);
    REQUIRE(operation != operations().end());
    const auto in_small = static_cast<double>(steps_of(*operation, small));
    const auto in_large = static_cast<double>(steps_of(*operation, large));
    CAPTURE(dearest);
    CHECK(in_large <= 1.2 * in_small);
  }
}

TEST_CASE("the kept totals are those that a count finds") {
  Grown account(40);
  account.write([](InboxWriter& inbox) {
    inbox.put_contact({.jid = jid("40790000000@s.whatsapp.net"), .saved_name = "Nou"});
    inbox.put_message({.key = {.id = "N1", .remote_jid = "40790000000@s.whatsapp.net"},
                       .chat = jid("40790000000@s.whatsapp.net"),
                       .sent_at = {1'600'000'000},
                       .body = "veche"});
    inbox.put_message({.key = {.id = "N1", .remote_jid = "77@lid"},
                       .chat = jid("77@lid"),
                       .sent_at = {1'800'000'000},
                       .body = "la fel"});
    inbox.put_message({.key = {.id = "N2", .remote_jid = "77@lid"},
                       .chat = jid("77@lid"),
                       .sent_at = {1'800'000'001},
                       .body = "alta"});
  });
  SUBCASE("as it is") {}
  SUBCASE("a LID that turns out to be a phone's") {
    account.write([](InboxWriter& inbox) {
      inbox.put_lid_mapping({.lid = jid("77@lid"), .phone = jid("40790000000@s.whatsapp.net")});
    });
  }
  SUBCASE("uploaded, refused, and offered again") {
    for (const std::int64_t thread : threads_with_dirty_messages(account.db)) {
      for (const DirtyMessage& each : dirty_messages(account.db, thread, 100, {})) {
        if (thread % 2 == 0)
          mark_uploaded(account.db, std::array{each.mark});
        else
          set_aside(account.db, each.mark, "refused");
      }
    }
    for (const std::int64_t thread : dirty_threads(account.db))
      mark_uploaded(account.db, std::array{dirty_thread(account.db, thread)->mark});
    SUBCASE("not yet") {}
    SUBCASE("again") {
      retry_set_aside(account.db);
    }
    SUBCASE("and then the two are one") {
      account.write([](InboxWriter& inbox) {
        inbox.put_lid_mapping({.lid = jid("77@lid"), .phone = jid("40790000000@s.whatsapp.net")});
      });
    }
  }
  const InboxTotals totals = inbox_totals(account.db);
  const auto dirty = [&](const char* table, const char* which) {
    return account.number(std::string("SELECT count(*) FROM ") + table + " WHERE " + which);
  };
  std::int64_t unsent = 0;
  std::int64_t aside = 0;
  for (const char* table : {"account", "threads", "messages", "contacts"}) {
    unsent += dirty(table, "revision > uploaded_revision AND upload_error IS NULL");
    aside += dirty(table, "upload_error IS NOT NULL");
  }
  CHECK(totals.threads == dirty("threads", "redirect_to = ''"));
  CHECK(totals.placeholders == dirty("threads", "redirect_to = '' AND messages = 0"));
  CHECK(totals.messages == dirty("messages", "1"));
  CHECK(totals.contacts == dirty("contacts", "1"));
  CHECK(totals.unsent == unsent);
  CHECK(totals.set_aside == aside);
  CHECK(totals.oldest_message_at.value ==
        account.number("SELECT min(sent_at) FROM messages WHERE sent_at > 1"));
  CHECK(totals.newest_message_at.value == account.number("SELECT max(sent_at) FROM messages"));
}

}  // namespace large_inbox_test
