// What the owner set for a chat on the phone.
#include "fixture.h"

namespace chat_settings_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Settings {
  bool archived = false;
  bool pinned = false;
  std::int64_t muted_until = 0;
  bool operator==(const Settings&) const = default;
};

Settings settings(InboxFile& file, std::string_view chat) {
  auto query = file.db.prepare(
      "SELECT archived_on_phone, pinned_on_phone, muted_until FROM threads WHERE jid = ?");
  query.bind(chat);
  REQUIRE(query.step());
  return {query.integer(0) != 0, query.integer(1) != 0, query.integer(2)};
}

void put(InboxFile& file, std::string_view chat, const ChatSettings& told) {
  file.write([&](InboxWriter& inbox) { inbox.put_chat_settings(jid(chat), told); });
}

}  // namespace

TEST_CASE("settings of a known thread are kept, one by one, and make nothing dirty") {
  InboxFile file;
  file.put(inbound(kAna, "A", "hello"));
  const std::int64_t revisions = file.revisions();
  put(file, kAna, {.archived = true});
  put(file, kAna, {.muted_until = kMutedForever});
  CHECK(settings(file, kAna) == Settings{true, false, kMutedForever.value});
  put(file, kAna, {.pinned = true});
  put(file, kAna, {.archived = false, .muted_until = UnixSeconds{}});
  CHECK(settings(file, kAna) == Settings{false, true, 0});
  CHECK(file.revisions() == revisions);
}

TEST_CASE("settings make no thread, and hold for one that comes later") {
  InboxFile file;
  put(file, kAna, {.archived = true});
  CHECK_FALSE(file.has_thread(kAna));
  file.put(inbound(kAna, "A", "hello"));
  CHECK(settings(file, kAna) == Settings{true, false, 0});
}

TEST_CASE("history tells older settings than app state") {
  InboxFile file;
  put(file, kAna, {.archived = false, .pinned = true});
  file.write([](InboxWriter& inbox) {
    Conversation chunk = conversation(kAna);
    chunk.archived = true;
    chunk.muted_until = {kNow.value + 60};
    inbox.put_conversation(chunk);
  });
  CHECK(settings(file, kAna) == Settings{false, true, kNow.value + 60});
}

TEST_CASE("settings told for a LID move to the phone's thread") {
  InboxFile file;
  put(file, kAnaLid, {.archived = true, .pinned = true});
  SUBCASE("which exists") {
    file.put(inbound(kAna, "A", "hello"));
  }
  SUBCASE("which comes later") {}
  SUBCASE("unless that has its own") {
    put(file, kAna, {.archived = true, .pinned = true});
  }
  file.write([](InboxWriter& inbox) {
    inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)});
    inbox.put_message(inbound(kAna, "B", "again"));
  });
  CHECK(settings(file, kAna) == Settings{true, true, 0});
  put(file, kAnaLid, {.archived = false});
  CHECK(settings(file, kAna) == Settings{false, true, 0});
  CHECK(file.number("SELECT count(*) FROM chat_settings") == 1);
}

TEST_CASE("a chat that can be no thread has no settings") {
  InboxFile file;
  put(file, "status@broadcast", {.archived = true});
  CHECK(file.number("SELECT count(*) FROM chat_settings") == 0);
}

TEST_CASE("read marks count up to the time they know of") {
  InboxFile file;
  const auto mark = [&](bool read, UnixSeconds up_to) {
    return file.put<bool>(
        [&](InboxWriter& inbox) { return inbox.put_read_mark(jid(kAna), read, up_to); });
  };
  CHECK_FALSE(mark(true, {}));  // no thread
  file.put(inbound(kAna, "A", "hello", 100));
  file.put(inbound(kAna, "B", "hello", 90));
  REQUIRE(file.thread(kAna).unread == 2);
  CHECK_FALSE(mark(false, {}));  // it is unread already
  CHECK(file.thread(kAna).unread == 2);
  CHECK_FALSE(mark(true, {kNow.value - 91}));
  CHECK(mark(true, {kNow.value - 90}));
  CHECK(file.thread(kAna).unread == 0);
  CHECK(mark(false, {}));
  CHECK(file.thread(kAna).unread == 1);
}

}  // namespace chat_settings_test
