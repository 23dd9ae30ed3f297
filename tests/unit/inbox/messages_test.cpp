// What becomes of one message, told once or many times.
#include <map>

#include "fixture.h"

namespace messages_test {

using namespace wasync;
using namespace wasync::test;

namespace {

StoredMessage only_message(InboxFile& file, std::string_view chat) {
  auto messages = file.messages(chat);
  REQUIRE(messages.size() == 1);
  return messages.front();
}

}  // namespace

TEST_CASE("everything a message says is kept") {
  InboxFile file;
  Message m = from_history(in_group("A", "40722222222@s.whatsapp.net", "see this", 77));
  m.sender_name = "Dan";
  m.type = "image";
  m.media = Media{.type = "image",
                  .mimetype = "image/png",
                  .filename = "f.png",
                  .caption = "see this",
                  .size_bytes = 5'000'000'000,
                  .seconds = 3,
                  .width = 640,
                  .height = 480};
  m.quoted = Quoted{.id = "Q", .participant = std::string(kAna), .preview = "what?"};
  m.reactions = {{std::string(kAna), "❤️"}};
  m.unknown_field = 99;
  file.put(m);
  const StoredMessage got = only_message(file, kGroup);
  CHECK(got.id.str() == "A");
  CHECK(got.message.key == m.key);
  CHECK(got.message.chat == m.chat);
  CHECK(got.message.sender == m.sender);
  CHECK(got.message.sender_name == "Dan");
  CHECK(got.message.sent_at == m.sent_at);
  CHECK(got.message.type == "image");
  CHECK(got.message.body == m.body);
  CHECK(got.message.media == m.media);
  CHECK(got.message.quoted == m.quoted);
  CHECK(got.message.reactions == m.reactions);
  CHECK(got.message.unknown_field == m.unknown_field);
  CHECK(got.message.status == DeliveryStatus::kDelivered);
  CHECK(got.message.source == SyncSource::kHistorySync);
}

TEST_CASE("the key stays exactly what WhatsApp used") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
    Message m = inbound(kAnaLid, "a/b", "x");
    m.key.remote_jid = "555444333:12@lid";
    inbox.put_message(m);
  });
  const StoredMessage got = only_message(file, kAna);
  CHECK(got.message.key.id == "a/b");
  CHECK(got.id.str().size() == 24);
  CHECK(got.message.key.remote_jid == "555444333:12@lid");
  CHECK(got.message.chat == jid(kAna));
  CHECK(got.message.sender == jid(kAna));
}

TEST_CASE("a message keeps its first source and time") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x", 100));
  CHECK(file.put(from_history(inbound(kAna, "A", "x", 300))) == PutMessage::kUnchanged);
  CHECK(only_message(file, kAna).message.source == SyncSource::kRealtime);
  CHECK(only_message(file, kAna).message.sent_at.value == kNow.value - 100);
}

TEST_CASE("the status only moves forward, by history and by receipts") {
  InboxFile file;
  Message m = outbound(kAna, "A", "x");
  file.put(m);
  CHECK(only_message(file, kAna).message.status == DeliveryStatus::kSent);
  const auto receipt = [&](DeliveryStatus status, std::int64_t age_s) {
    return file.put<int>([&](InboxWriter& inbox) {
      return inbox.put_receipt({.chat = jid(kAna),
                                .ids = {"A", "unknown"},
                                .status = status,
                                .at = {kNow.value - age_s}});
    });
  };
  CHECK(receipt(DeliveryStatus::kDelivered, 90) == 1);
  CHECK(receipt(DeliveryStatus::kRead, 80) == 1);
  CHECK(receipt(DeliveryStatus::kDelivered, 70) == 0);
  const StoredMessage got = only_message(file, kAna);
  CHECK(got.message.status == DeliveryStatus::kRead);
  CHECK(got.delivered_at.value == kNow.value - 90);
  CHECK(got.read_at.value == kNow.value - 80);
  m.status = DeliveryStatus::kDelivered;
  CHECK(file.put(from_history(m)) == PutMessage::kUnchanged);
  CHECK(only_message(file, kAna).message.status == DeliveryStatus::kRead);
}

TEST_CASE("a receipt does not touch what others wrote") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  CHECK(file.put<int>([](InboxWriter& inbox) {
    return inbox.put_receipt({.chat = jid(kAna), .ids = {"A"}, .status = DeliveryStatus::kRead});
  }) == 0);
}

TEST_CASE("a message that came without content is completed later") {
  InboxFile file;
  Message empty = inbound(kAna, "A", "");
  empty.body.reset();
  empty.type = "unknown";
  file.put(empty);
  CHECK(file.thread(kAna).last_message == "[unknown]");
  CHECK(file.put(from_history(inbound(kAna, "A", "now readable"))) == PutMessage::kUpdated);
  const StoredMessage got = only_message(file, kAna);
  CHECK(got.message.body == "now readable");
  CHECK(got.message.type == "text");
  CHECK(got.message.source == SyncSource::kRealtime);
  CHECK(file.thread(kAna).last_message == "now readable");
  CHECK(file.thread(kAna).messages == 1);
}

TEST_CASE("nobody overwrites a message by sending another with its id") {
  InboxFile file;
  file.put(outbound(kAna, "A", "we promised 10"));
  CHECK(file.put(inbound(kAna, "A", "we promised 1000", 90)) == PutMessage::kInserted);
  CHECK(file.put(inbound(kAna, "A", "we promised 1000", 90)) == PutMessage::kUnchanged);
  CHECK(file.put(outbound(kAna, "A", "we promised 10")) == PutMessage::kUnchanged);
  const auto messages = file.messages(kAna);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].id.str() == "A");
  CHECK(messages[0].message.body == "we promised 10");
  CHECK(messages[1].id.str().size() == 24);
  CHECK(messages[1].message.key.id == "A");

  file.put(in_group("G", kAna, "from Ana"));
  CHECK(file.put(in_group("G", "40722222222@s.whatsapp.net", "from Dan")) == PutMessage::kInserted);
  CHECK(file.messages(kGroup).size() == 2);
  // The same person under the other address is the same message, once the mapping is known.
  file.write([](InboxWriter& inbox) {
    inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
    CHECK(inbox.put_message(in_group("G", kAnaLid, "from Ana")) == PutMessage::kUnchanged);
  });
}

TEST_CASE("a body is cut below Firestore's limit on a character boundary") {
  InboxFile file;
  std::string body = "x";
  for (int i = 0; i < 500'000; ++i) body += "ș";
  file.put(inbound(kAna, "A", body));
  const StoredMessage got = only_message(file, kAna);
  CHECK(got.body_truncated);
  CHECK(got.message.body->size() == 900 * 1024 - 1);
  CHECK(file.put(inbound(kAna, "A", body)) == PutMessage::kUnchanged);
}

TEST_CASE("invalid text is repaired") {
  InboxFile file;
  Message m = inbound(kAna, "A", std::string("a\xFF\0b", 4));
  m.sender_name = "n\xC0";
  m.media = Media{.type = "image", .filename = "\xED\xA0\x80"};
  m.reactions = {{std::string(kAna), "\x1B[31m"}, {"not a jid / at all", "x"}};
  file.put(m);
  const StoredMessage got = only_message(file, kAna);
  CHECK(got.message.body ==
        "a\xEF\xBF\xBD\xEF\xBF\xBD"
        "b");
  CHECK(got.message.sender_name == "n\xEF\xBF\xBD");
  CHECK(got.message.reactions.size() == 1);
  CHECK(got.message.reactions.begin()->second == " [31m");
}

TEST_CASE("a message revoked before we saw it is kept without its text") {
  InboxFile file;
  Message m = inbound(kAna, "A", "secret");
  m.deleted_at = {kNow.value - 5};
  file.put(m);
  const StoredMessage got = only_message(file, kAna);
  CHECK_FALSE(got.message.body);
  CHECK(got.message.deleted_at == m.deleted_at);
  CHECK(file.thread(kAna).last_message == "[deleted]");
}

TEST_CASE("what a call came to is what was said last") {
  InboxFile file;
  Message call = inbound(kAna, "C1", "Missed voice call");
  call.type = message_type::kCall;
  file.put(call);
  file.put(from_history(call));
  CHECK(file.messages(kAna).size() == 1);
  call.body = "Voice call";
  file.put(from_history(call));
  CHECK(file.messages(kAna).at(0).message.body == "Voice call");
  CHECK(file.thread(kAna).last_message == "Voice call");
}

namespace {

Message told_by_history(std::string id, std::string body, std::uint64_t telling) {
  Message m = from_history(inbound(kAna, std::move(id), std::move(body)));
  m.telling = telling;
  return m;
}

std::int64_t steps = 0;

std::int64_t steps_of(const std::function<void()>& work) {
  steps = 0;
  observe_statements([](const StatementCost& cost) { steps += cost.steps; });
  work();
  observe_statements(nullptr);
  return steps;
}

}  // namespace

TEST_CASE("what history tells again as before costs little, and changes nothing") {
  InboxFile file;
  const auto tell_all = [&file](std::uint64_t telling) {
    file.write([telling](InboxWriter& inbox) {
      for (int i = 0; i < 200; ++i)
        inbox.put_message(told_by_history("A" + std::to_string(i), "x", telling));
    });
  };
  const std::int64_t new_ones = steps_of([&] { tell_all(7); });
  const auto before = file.revisions();
  const std::int64_t the_same = steps_of([&] { tell_all(7); });
  const std::int64_t another_telling = steps_of([&] { tell_all(8); });
  CHECK(file.revisions() == before);
  CHECK(the_same * 5 < new_ones);
  CHECK(the_same * 3 < another_telling);
}

TEST_CASE("what history tells otherwise is taken in, and what came later stays") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (const char* id : {"A", "B", "C"}) {
      Message m = told_by_history(id, "", 1);
      m.body.reset();
      inbox.put_message(m);
    }
    inbox.put_message(told_by_history("D", "first", 1));
  });
  file.write([](InboxWriter& inbox) {
    inbox.put_edit({.chat = jid(kAna),
                    .target = {.id = "D", .remote_jid = {}, .from_me = false, .participant = {}},
                    .by = jid(kAna),
                    .body = "edited",
                    .at = kNow});
  });
  file.write([](InboxWriter& inbox) {
    inbox.put_message(told_by_history("A", "now with its text", 2));
    CHECK(inbox.put_message(told_by_history("B", "now with its text", 2)) == PutMessage::kUpdated);
    CHECK(inbox.put_message(told_by_history("B", "not looked at", 2)) == PutMessage::kUnchanged);
    CHECK(inbox.put_message(told_by_history("D", "first", 1)) == PutMessage::kUnchanged);
    CHECK(inbox.put_message(told_by_history("E", "new", 1)) == PutMessage::kInserted);
  });
  std::map<std::string, std::string> bodies;
  for (const StoredMessage& each : file.messages(kAna))
    bodies[each.message.key.id] = each.message.body.value_or("");
  CHECK(bodies["A"] == "now with its text");
  CHECK(bodies["B"] == "now with its text");
  CHECK(bodies["D"] == "edited");
  CHECK(bodies["E"] == "new");
}

}  // namespace messages_test
