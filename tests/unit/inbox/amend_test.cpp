// Reactions, edits and revokes; also of messages that have not come yet.
#include "fixture.h"
#include "inbox/left_out.h"

namespace amend_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::string_view kDan = "40722222222@s.whatsapp.net";

MessageKey key(std::string id, bool from_me = false, std::string_view participant = {}) {
  return {.id = std::move(id),
          .remote_jid = {},
          .from_me = from_me,
          .participant = std::string(participant)};
}

Amend react(InboxFile& file, std::string_view chat, MessageKey target, std::string_view by,
            std::string emoji) {
  return file.put<Amend>([&](InboxWriter& inbox) {
    return inbox.put_reaction({.chat = jid(chat),
                               .target = std::move(target),
                               .by = by.empty() ? Jid{} : jid(by),
                               .emoji = std::move(emoji),
                               .at = kNow});
  });
}

Amend edit(InboxFile& file, std::string_view chat, MessageKey target, std::string_view by,
           std::string body, std::int64_t age_s) {
  return file.put<Amend>([&](InboxWriter& inbox) {
    return inbox.put_edit({.chat = jid(chat),
                           .target = std::move(target),
                           .by = by.empty() ? Jid{} : jid(by),
                           .body = std::move(body),
                           .at = {kNow.value - age_s}});
  });
}

Amend revoke(InboxFile& file, std::string_view chat, MessageKey target, std::string_view by,
             bool by_admin = false) {
  return file.put<Amend>([&](InboxWriter& inbox) {
    return inbox.put_revoke({.chat = jid(chat),
                             .target = std::move(target),
                             .by = by.empty() ? Jid{} : jid(by),
                             .by_admin = by_admin,
                             .at = {kNow.value - 1}});
  });
}

StoredMessage first(InboxFile& file, std::string_view chat) {
  return file.messages(chat).at(0);
}

}  // namespace

TEST_CASE("reactions are one per person, replaced and taken back") {
  InboxFile file;
  file.put(outbound(kAna, "A", "x"));
  const auto thread_before = file.thread(kAna).last_message_at;
  CHECK(react(file, kAna, key("A", true), kAna, "👍") == Amend::kApplied);
  CHECK(react(file, kAna, key("A", true), kAna, "👍") == Amend::kUnchanged);
  CHECK(react(file, kAna, key("A", true), "", "🎉") == Amend::kApplied);
  CHECK(first(file, kAna).message.reactions ==
        std::map<std::string, std::string>{{std::string(kAna), "👍"},
                                           {"40737123397@s.whatsapp.net", "🎉"}});
  CHECK(react(file, kAna, key("A", true), kAna, "") == Amend::kApplied);
  CHECK(first(file, kAna).message.reactions.size() == 1);
  CHECK(file.thread(kAna).last_message_at == thread_before);

  // History told later does not bring back what was taken back.
  Message again = from_history(outbound(kAna, "A", "x"));
  again.reactions = {{std::string(kAna), "👍"}};
  CHECK(file.put(again) == PutMessage::kUnchanged);
  CHECK(first(file, kAna).message.reactions.size() == 1);
}

TEST_CASE("a person reacts once, under whichever address") {
  InboxFile file;
  file.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
  file.put(outbound(kAna, "A", "x"));
  react(file, kAna, key("A", true), kAna, "👍");
  react(file, kAnaLid, key("A", true), kAnaLid, "❤️");
  CHECK(first(file, kAna).message.reactions ==
        std::map<std::string, std::string>{{std::string(kAna), "❤️"}});
}

TEST_CASE("an edit replaces the text and keeps the original; an older one comes too late") {
  InboxFile file;
  file.put(inbound(kAna, "A", "frist"));
  CHECK(edit(file, kAna, key("A"), kAna, "first", 50) == Amend::kApplied);
  CHECK(edit(file, kAna, key("A"), kAna, "first!", 40) == Amend::kApplied);
  CHECK(edit(file, kAna, key("A"), kAna, "late", 60) == Amend::kUnchanged);
  CHECK(edit(file, kAna, key("A"), kAna, "first!", 40) == Amend::kUnchanged);
  const StoredMessage got = first(file, kAna);
  CHECK(got.message.body == "first!");
  CHECK(got.original_body == "frist");
  CHECK(got.message.edited_at.value == kNow.value - 40);
  CHECK(file.thread(kAna).last_message == "first!");
  // History tells the message as it was, or as it is: neither undoes the edit.
  CHECK(file.put(from_history(inbound(kAna, "A", "frist"))) == PutMessage::kUnchanged);
  CHECK(first(file, kAna).message.body == "first!");
}

TEST_CASE("only its author edits a message") {
  InboxFile file;
  file.put(outbound(kAna, "ours", "10 EUR"));
  file.put(in_group("G", kAna, "from Ana"));
  CHECK(edit(file, kAna, key("ours", true), kAna, "0 EUR", 5) == Amend::kNotAllowed);
  CHECK(edit(file, kGroup, key("G", false, kAna), kDan, "hacked", 5) == Amend::kNotAllowed);
  CHECK(edit(file, kGroup, key("G", false, kAna), "", "by us", 5) == Amend::kNotAllowed);
  CHECK(edit(file, kAna, key("ours", true), "", "12 EUR", 5) == Amend::kApplied);
  CHECK(first(file, kGroup).message.body == "from Ana");
}

TEST_CASE("a revoke keeps the message and forgets its text") {
  InboxFile file;
  file.put(inbound(kAna, "A", "secret"));
  edit(file, kAna, key("A"), kAna, "secret!", 50);
  CHECK(revoke(file, kAna, key("A"), kAna) == Amend::kApplied);
  CHECK(revoke(file, kAna, key("A"), kAna) == Amend::kUnchanged);
  const StoredMessage got = first(file, kAna);
  CHECK_FALSE(got.message.body);
  CHECK(got.original_body.empty());
  CHECK(got.message.deleted_at.value == kNow.value - 1);
  CHECK(file.thread(kAna).last_message == "[deleted]");
  CHECK(edit(file, kAna, key("A"), kAna, "back", 0) == Amend::kUnchanged);
  CHECK(file.put(from_history(inbound(kAna, "A", "secret"))) == PutMessage::kUnchanged);
  CHECK_FALSE(first(file, kAna).message.body);
}

TEST_CASE("in groups the author or an admin revokes") {
  InboxFile file;
  file.put(in_group("G", kAna, "from Ana"));
  CHECK(revoke(file, kGroup, key("G", false, kAna), kDan) == Amend::kNotAllowed);
  CHECK(revoke(file, kGroup, key("G", false, kAna), kDan, true) == Amend::kApplied);
  file.put(outbound(kAna, "P", "ours"));
  CHECK(revoke(file, kAna, key("P", true), kAna, true) == Amend::kNotAllowed);
}

TEST_CASE("what amends a message that has not come waits for it") {
  InboxFile file;
  CHECK(react(file, kAna, key("A"), "", "👍") == Amend::kNoMessage);
  CHECK(edit(file, kAna, key("A"), kAna, "edited", 50) == Amend::kNoMessage);
  CHECK(edit(file, kGroup, key("G", false, kAna), kDan, "hacked", 50) == Amend::kNoMessage);
  CHECK_FALSE(file.has_thread(kAna));  // an amendment makes no thread
  file.put(inbound(kAna, "A", "original"));
  const StoredMessage got = first(file, kAna);
  CHECK(got.message.body == "edited");
  CHECK(got.original_body == "original");
  CHECK(got.message.reactions.size() == 1);
  CHECK(file.thread(kAna).last_message == "edited");
  file.put(in_group("G", kAna, "from Ana"));
  CHECK(first(file, kGroup).message.body == "from Ana");
  CHECK(file.number("SELECT count(*) FROM waiting_amendments") == 0);
}

TEST_CASE("amendments of messages that never come do not pile up") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 6000; ++i) {
      inbox.put_reaction({.chat = jid(kAna),
                          .target = key("N" + std::to_string(i)),
                          .by = jid(std::to_string(40'730'000'000 + i) + "@s.whatsapp.net"),
                          .emoji = "x",
                          .at = kNow});
    }
    CHECK(inbox.counts().left_out == 1000);
  });
  CHECK(file.number("SELECT count(*) FROM waiting_amendments") == 5000);
}

TEST_CASE("one person's amendments push nobody else's out") {
  InboxFile file;
  react(file, kAna, key("OF-DAN"), kDan, "x");
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 1100; ++i) {
      inbox.put_reaction({.chat = jid(kAna),
                          .target = key("N" + std::to_string(i)),
                          .by = jid(kAna),
                          .emoji = "x",
                          .at = kNow});
    }
    CHECK(inbox.counts().left_out == 77);  // of the first
    for (int i = 0; i < 10; ++i) {
      inbox.put_edit({.chat = jid(kAna),
                      .target = key("E" + std::to_string(i)),
                      .by = jid(kAna),
                      .body = std::string(256 * 1024, 'x'),
                      .at = kNow});
    }
  });
  // Stored with the rows, the second flush once more, and after those of another writer.
  const auto stored = left_out_counts(file.db);
  CHECK(stored.last_at == kNow);
  file.write([&](InboxWriter& inbox) {
    for (int i = 0; i < 2; ++i) {
      inbox.put_edit({.chat = jid(kAna),
                      .target = key("E10"),
                      .by = jid(kAna),
                      .body = std::string(256 * 1024, 'y'),
                      .at = kNow});
      inbox.flush();
    }
    CHECK(inbox.counts().left_out == 1);
  });
  CHECK(left_out_counts(file.db).of_share == stored.of_share + 1);
  CHECK(left_out_counts(file.db).not_asked == 0);
  CHECK(file.number("SELECT count(*) FROM waiting_amendments WHERE target_id = 'OF-DAN'") == 1);
  CHECK(file.number("SELECT sum(length(text)) FROM waiting_amendments") <= 1024 * 1024);
  file.put(inbound(kAna, "E9", "original"));
  CHECK(first(file, kAna).message.body->size() == 256 * 1024);
}

TEST_CASE("what we amend ourselves counts for nobody's share") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 1100; ++i) {
      inbox.put_reaction(
          {.chat = jid(kAna), .target = key("N" + std::to_string(i)), .emoji = "x", .at = kNow});
    }
    CHECK(inbox.counts().left_out == 0);
  });
}

TEST_CASE("what one person sealed pushes nobody else's out either") {
  InboxFile file;
  const auto sealed = [](std::string id, std::string_view by) {
    return Sealed{.kind = SealedKind::kEdit,
                  .chat = jid(kGroup),
                  .key = key(std::move(id), false, by),
                  .target = key("NEVER", false, by),
                  .by = jid(by),
                  .at = kNow,
                  .payload = Bytes(100 * 1024, 1)};
  };
  file.write([&](InboxWriter& inbox) {
    inbox.put_unopened(sealed("OF-DAN", kDan), Unopened::kNoMessage);
    for (int i = 0; i < 20; ++i) {
      inbox.put_unopened(sealed("S" + std::to_string(i), kAna), Unopened::kNoMessage);
    }
    CHECK(inbox.counts().left_out == 10);
  });
  CHECK(file.number("SELECT count(*) FROM sealed WHERE key_id = 'OF-DAN'") == 1);
  CHECK(file.number("SELECT count(*) FROM sealed WHERE key_id = 'S19'") == 1);
}

TEST_CASE("a message has so many reactions at most") {
  InboxFile file;
  file.put(in_group("A", kAna, "hello"));
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 4097; ++i) {
      inbox.put_reaction({.chat = jid(kGroup),
                          .target = key("A", false, kAna),
                          .by = jid(std::to_string(40'730'000'000 + i) + "@s.whatsapp.net"),
                          .emoji = "x",
                          .at = kNow});
    }
    CHECK(inbox.counts().left_out == 1);
  });
  CHECK(first(file, kGroup).message.reactions.size() == 4096);
}

}  // namespace amend_test
