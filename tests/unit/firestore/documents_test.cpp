#include "firestore/documents.h"

#include <algorithm>

#include "inbox/answers.h"
#include "unit/inbox/fixture.h"

namespace documents_test {

using namespace wasync;
using namespace wasync::firestore;
using namespace wasync::test;

namespace {

Account account_of_file(InboxFile& file) {
  return read_account(file.db).value();
}

std::vector<std::string> names(const DocumentWrite& write) {
  std::vector<std::string> out;
  for (const auto& [name, value] : write.fields) out.push_back(name);
  return out;
}

bool has(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

DocumentWrite only_message(InboxFile& file) {
  return message_document(account_of_file(file), all_dirty_messages(file.db).at(0));
}

std::string text(const DocumentWrite& write, std::string_view name) {
  return std::string(text_of(write.fields, name));
}

}  // namespace

TEST_CASE("an inbound message has the contract's fields") {
  InboxFile file;
  Message message = inbound(kAna, "3EB0", "salut", 100);
  message.sender_name = "Ana M";
  file.put(message);
  const DocumentWrite write = only_message(file);
  CHECK(write.path == "threads/" + file.thread_id(kAna).str() + "/messages/3EB0");
  CHECK(text(write, "accountId") == file.account.str());
  CHECK(text(write, "clientJid") == kAna);
  CHECK(text(write, "threadId") == file.thread_id(kAna).str());
  CHECK(text(write, "direction") == "inbound");
  CHECK(text(write, "body") == "salut");
  CHECK(text(write, "messageType") == "text");
  CHECK(text(write, "syncSource") == "realtime");
  CHECK(text(write, "status") == "delivered");
  CHECK(text(write, "senderJid") == kAna);
  CHECK(text(write, "senderName") == "Ana M");
  CHECK(*find<Timestamp>(write.fields, "tsClient") == timestamp({kNow.value - 100}));
  const Fields& key = *find<Fields>(write.fields, "key");
  CHECK(text_of(key, "id") == "3EB0");
  CHECK(text_of(key, "remoteJid") == kAna);
  CHECK_FALSE(*find<bool>(key, "fromMe"));
  CHECK(*find<std::int64_t>(key, "timestamp") == kNow.value - 100);
  CHECK(find(key, "participant") == nullptr);
  CHECK(has(write.server_times, "createdAt"));
  CHECK(has(write.server_times, "updatedAt"));
  CHECK(has(write.server_times, "syncedAt"));
  CHECK(write.removed.empty());  // on a first upload, what others wrote stays
  CHECK_FALSE(write.only_if_missing);
}

TEST_CASE("a message without text has a null body; our own is from me") {
  InboxFile file;
  Message message = outbound(kAna, "3EB1", "", 100);
  message.body.reset();
  message.type = "image";
  message.media = Media{.type = "image", .mimetype = "image/jpeg", .size_bytes = 7, .width = 640};
  file.put(message);
  const DocumentWrite write = only_message(file);
  CHECK(*find(write.fields, "body") == Value(nullptr));
  CHECK(text(write, "direction") == "outbound");
  CHECK(text(write, "status") == "sent");
  CHECK(text(write, "senderName") == "me");
  CHECK(text(write, "senderJid") == "40737123397@s.whatsapp.net");
  const Fields& media = *find<Fields>(write.fields, "media");
  CHECK(text_of(media, "mimetype") == "image/jpeg");
  CHECK(*find<std::int64_t>(media, "size") == 7);
  CHECK(*find(media, "url") == Value(nullptr));
  CHECK(*find(media, "seconds") == Value(nullptr));
}

TEST_CASE(
    "a poll says how it stands, in its body too; secrets and keys of media are in no document") {
  InboxFile file;
  Message message = inbound(kAna, "A", "When?\n- 12:00\n- 14:00", 100);
  message.type = "poll";
  message.poll_options = {poll_option("12:00"), poll_option("14:00")};
  message.answers = {{std::string(kAna), {.picks = poll_option_id("14:00"), .at = kNow}}};
  message.secret = Bytes(32, 'S');
  message.media_facts = MediaFacts{.media_key = Bytes(32, 'K'), .direct_path = "/v/secret-path"};
  file.put(message);
  const DocumentWrite write = only_message(file);
  CHECK(text(write, "body") == "When?\n- 12:00\n- 14:00\n\nVotes: 14:00 1");
  CHECK(text_of(*find<Fields>(write.fields, "answers"), kAna) == "14:00");
  const Array& results = *find<Array>(write.fields, "results");
  REQUIRE(results.size() == 2);
  CHECK(results[1] == Value(Fields{{"option", "14:00"}, {"count", std::int64_t{1}}}));
  std::string sent;
  append_json(sent, write.fields);
  for (const char* secret : {"SSSS", "KKKK", "U1NT", "S0tL", "secret-path"})
    CHECK(sent.find(secret) == std::string::npos);
}

TEST_CASE("a second upload takes away what is gone, and leaves createdAt alone") {
  InboxFile file;
  Message message = inbound(kAna, "A", "x", 100);
  message.reactions = {{std::string(kAna), "!"}};
  file.put(message);
  mark_uploaded(file.db, std::vector<DirtyMark>{all_dirty_messages(file.db).at(0).mark});
  file.write([](InboxWriter& inbox) {
    inbox.put_reaction({.chat = jid(kAna),
                        .target = {.id = "A", .remote_jid = std::string(kAna)},
                        .by = jid(kAna),
                        .emoji = "",
                        .at = kNow});
  });
  const DocumentWrite write = only_message(file);
  CHECK(has(write.removed, "reactions"));
  CHECK_FALSE(has(write.server_times, "createdAt"));
  CHECK(has(write.server_times, "updatedAt"));
}

TEST_CASE("a thread's document") {
  InboxFile file;
  file.put(inbound(kAna, "A", "  ce   mai\nfaci ", 100));
  file.write(
      [](InboxWriter& inbox) { inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"}); });
  const DocumentWrite write = thread_document(file.account, all_dirty_threads(file.db).at(0));
  CHECK(write.path == "threads/" + file.thread_id(kAna).str());
  CHECK(text(write, "displayName") == "Ana");
  CHECK(text(write, "phoneE164") == "+40711111111");
  CHECK(text(write, "phone") == "+40711111111");
  CHECK(text(write, "phoneNumber") == "+40711111111");
  CHECK(text(write, "lastMessageText") == "ce mai faci");
  CHECK(text(write, "lastMessagePreview") == "ce mai faci");
  CHECK(text(write, "lastMessageDirection") == "inbound");
  CHECK(*find<Timestamp>(write.fields, "lastMessageAt") == timestamp({kNow.value - 100}));
  CHECK(*find<std::int64_t>(write.fields, "lastMessageAtMs") == (kNow.value - 100) * 1000);
  CHECK_FALSE(*find<bool>(write.fields, "isLid"));
  // Fields of the Inbox's users are none of ours.
  for (const char* name : {"hidden", "archived", "assignedTo", "notes"})
    CHECK_FALSE(has(names(write), name));
}

TEST_CASE("a merged thread leads to its target and is no LID any more") {
  InboxFile file;
  file.put(inbound(kAnaLid, "A", "x"));
  CHECK(
      *find<bool>(thread_document(file.account, all_dirty_threads(file.db).at(0)).fields, "isLid"));
  file.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  for (const DirtyThread& each : all_dirty_threads(file.db)) {
    const DocumentWrite write = thread_document(file.account, each);
    const bool former = each.thread.jid == jid(kAnaLid);
    CHECK(text(write, "redirectTo") == (former ? file.thread_id(kAna).str() : ""));
    CHECK(text(write, "canonicalThreadId") == (former ? file.thread_id(kAna).str() : ""));
    CHECK_FALSE(*find<bool>(write.fields, "isLid"));
  }
}

TEST_CASE("a document never grows beyond the service's limit") {
  InboxFile file;
  Message message = inbound(kAna, "A", std::string(950 * 1024, 'x'), 100);
  for (int i = 0; i < 4096; ++i)
    message.reactions["4070000" + std::to_string(10'000 + i) + "@s.whatsapp.net"] =
        "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD";
  file.put(message);
  const DocumentWrite write = only_message(file);
  CHECK(stored_size(write.fields) < kMaxDocumentBytes);
  CHECK(*find<bool>(write.fields, "bodyTruncated"));
  CHECK(text(write, "body").size() > 100'000);
}

TEST_CASE("an account's status is what the app is to show") {
  InboxFile file;
  Account account = account_of_file(file);
  account.status = AccountStatus::kDisconnected;
  CHECK(text(account_document(account, true), "status") == "connected");  // left in good order
  account.last_disconnect_reason = "connection lost";
  CHECK(text(account_document(account, true), "status") == "disconnected");
  account.status = AccountStatus::kLoggedOut;
  CHECK(text(account_document(account, true), "status") == "logged_out");
  CHECK(find(account_document(account, true).fields, "createdAt") != nullptr);
  CHECK(find(account_document(account, false).fields, "createdAt") == nullptr);
  CHECK(find(account_document(account, true).fields, "lastHistorySyncResult") == nullptr);
  account.last_history_sync_at = kNow;
  account.last_history_result.saved = 5;
  const DocumentWrite write = account_document(account, true);
  CHECK(*find<std::int64_t>(*find<Fields>(write.fields, "lastHistorySyncResult"), "saved") == 5);
}

TEST_CASE("a scheduled backfill, while it runs and afterwards") {
  InboxFile file;
  Account account = account_of_file(file);
  const auto status = [&] {
    return *find<Fields>(account_document(account, false).fields, "lastAutoBackfillStatus");
  };
  const auto fields = names(account_document(account, false));
  for (const char* name : {"lastAutoBackfillAt", "lastAutoBackfillAttemptAt",
                           "lastAutoBackfillSuccessAt", "lastAutoBackfillStatus"})
    CHECK_FALSE(has(fields, name));
  account.auto_backfill = {.attempt_at = kNow,
                           .running = true,
                           .started_at = kNow,
                           .trigger = "connect",
                           .holder = "host-1"};
  const Fields while_it_runs{
      {"running", true}, {"startedAt", kNow}, {"trigger", "connect"}, {"holder", "host-1"}};
  CHECK(status() == while_it_runs);
  CHECK_FALSE(has(names(account_document(account, false)), "lastAutoBackfillSuccessAt"));
  AutoBackfill& it = account.auto_backfill;
  it.running = false;
  it.threads = 3;
  it.messages = 60;
  it.errors = 1;
  it.duration_ms = 1234;
  it.error_code = "timeout";
  it.error_message = "the phone does not answer";
  Fields ended{{"ok", false},
               {"running", false},
               {"threads", std::int64_t{3}},
               {"messages", std::int64_t{60}},
               {"errors", std::int64_t{1}},
               {"durationMs", std::int64_t{1234}},
               {"errorCode", "timeout"},
               {"errorMessage", "the phone does not answer"}};
  CHECK(status() == ended);
  it.ok = true;
  it.at = it.success_at = kNow;
  it.error_code.clear();
  it.error_message.clear();
  CHECK(*find<bool>(status(), "ok"));
  CHECK(*find(status(), "errorCode") == Value(nullptr));
  CHECK(*find(status(), "errorMessage") == Value(nullptr));
  const DocumentWrite write = account_document(account, false);
  for (const char* name :
       {"lastAutoBackfillAt", "lastAutoBackfillAttemptAt", "lastAutoBackfillSuccessAt"})
    CHECK(*find<Timestamp>(write.fields, name) == timestamp(kNow));
}

TEST_CASE("a contact's picture is not ours, and a removed name goes") {
  InboxFile file;
  file.write(
      [](InboxWriter& inbox) { inbox.put_contact({.jid = jid(kAna), .saved_name = "Ana"}); });
  auto contact = dirty_contacts(file.db, 10).at(0);
  DocumentWrite write = contact_document(file.account, contact);
  CHECK(write.path == "contacts/" + file.account.str() + "__" + std::string(kAna));
  CHECK(text(write, "name") == "Ana");
  CHECK_FALSE(has(names(write), "imgUrl"));
  CHECK(write.removed.empty());
  mark_uploaded(file.db, std::vector<DirtyMark>{contact.mark});
  file.write([](InboxWriter& inbox) { inbox.clear_saved_name(jid(kAna)); });
  CHECK(has(contact_document(file.account, dirty_contacts(file.db, 10).at(0)).removed, "name"));
}

TEST_CASE("what a thread document says is read whatever its types") {
  const ThreadId id = thread_id_for(account_id_for(kPhone), jid(kAna));
  const Document document{
      .path = "threads/" + id.str(),
      .fields = {{"displayName", "Ana"},
                 {"lastMessageAt", Timestamp{.seconds = 100, .nanos = 500'000'000}},
                 {"lastMessageAtMs", 100'500.0},
                 {"unreadCount", "many"},
                 {"hidden", true},
                 {"archived", "yes"},
                 {"clientJid", std::int64_t{5}},
                 {"normalizedPhone", "+40700"},
                 {"phone", "+40711"}}};
  const ThreadFacts facts = thread_facts(document);
  CHECK(facts.thread_id == id.str());
  CHECK(facts.last_message_at_ms == 100'500);
  CHECK(facts.last_message_at_time_ms == 100'500);
  CHECK(facts.hidden);
  CHECK_FALSE(facts.archived);
  CHECK(facts.client_jid.empty());
  CHECK(facts.phone == "+40700");
  const AdoptedThread told = adopted_thread(document);
  CHECK(told.chat == jid(kAna));
  CHECK(told.last_message_at.value == 100);
  CHECK(told.unread == 0);
  // An id of another form names no chat.
  CHECK(adopted_thread({.path = "threads/[object Object]"}).chat.empty());
}

}  // namespace documents_test
