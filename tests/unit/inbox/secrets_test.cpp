// The secrets of messages, and where their media lie: kept beside them, and gone with them.
#include "fixture.h"
#include "inbox/media_facts.h"

namespace secrets_test {

using namespace wasync;
using namespace wasync::test;

namespace {

constexpr std::int64_t kDay_s = 24 * 3600;

Message with_secret(Message m, std::uint8_t fill = 7, std::size_t size = 32) {
  m.secret = Bytes(size, fill);
  return m;
}

Message picture(std::string id, UnixSeconds key_at = {}) {
  Message m = inbound(kAna, std::move(id), "caption");
  m.type = "image";
  m.media = Media{.type = "image"};
  m.media_facts = MediaFacts{.media_key = Bytes(32, 1),
                             .direct_path = "/v/t62/1",
                             .file_sha256 = Bytes(32, 2),
                             .file_enc_sha256 = Bytes(32, 3),
                             .file_length = 99,
                             .media_key_at = key_at,
                             .thumbnail = Bytes(5, 4)};
  return m;
}

MediaFacts facts(InboxFile& file) {
  auto found = load_media_facts(file.db, file.number("SELECT row_id FROM messages"));
  REQUIRE(found);
  return *std::move(found);
}

std::int64_t secrets(InboxFile& file) {
  return file.number("SELECT count(secret) FROM messages");
}

std::int64_t days_kept(InboxFile& file) {
  return (file.number("SELECT secret_until FROM messages") - kNow.value) / kDay_s;
}

void revoke(InboxFile& file, std::string id) {
  file.write([&](InboxWriter& inbox) {
    inbox.put_revoke({.chat = jid(kAna),
                      .target = {.id = id, .remote_jid = {}, .from_me = false, .participant = {}},
                      .by = jid(kAna),
                      .at = kNow});
  });
}

void learn(InboxFile& file) {
  file.write(
      [](InboxWriter& inbox) { inbox.put_lid_mapping({.lid = jid(kAnaLid), .phone = jid(kAna)}); });
}

}  // namespace

TEST_CASE("a message's secret is kept a month, in groups a season, of polls and events a year") {
  const auto days = [](Message m) {
    InboxFile file;
    file.put(with_secret(std::move(m)));
    return days_kept(file);
  };
  CHECK(days(inbound(kAna, "A", "x")) == 30);
  CHECK(days(outbound(kAna, "A", "x")) == 30);
  CHECK(days(from_history(inbound(kAna, "A", "x", 1000 * kDay_s))) == 30);
  CHECK(days(in_group("A", kAna, "x")) == 90);
  for (const std::string_view type : {message_type::kPoll, message_type::kEvent}) {
    Message asked = in_group("A", kAna, "who comes?");
    asked.type = type;
    CHECK(days(asked) == 365);
  }
}

TEST_CASE("an update keeps the secrets that the version before had in a table of their own") {
  const ScratchDir scratch;
  Database db(scratch / "wa-sync.db");
  const Tables newest = inbox_tables();
  migrate(db, {.component = newest.component, .migrations = newest.migrations.first(9)});
  db.execute(
      "INSERT INTO threads (row_id, jid, last_message_at) VALUES (1, '1@s.whatsapp.net', 0);"
      "INSERT INTO messages (row_id, thread, sent_at, document_id, from_me, type, status, source)"
      " VALUES (1, 1, 5, 'A', 0, 'text', 0, 1), (2, 1, 6, 'B', 0, 'text', 0, 1),"
      " (3, 1, 7, 'C', 0, 'text', 0, 1);"
      "INSERT INTO message_secrets VALUES (1, x'0101', 86400), (3, x'0303', 172800)");
  migrate_inbox(db);
  auto rows = db.prepare("SELECT hex(secret), secret_until FROM messages ORDER BY row_id");
  std::string kept;
  while (rows.step()) kept += rows.text(0) + " " + std::to_string(rows.integer(1)) + "|";
  CHECK(kept == "0101 86400| 0|0303 172800|");
}

TEST_CASE("a secret of another length is no secret, and counted") {
  InboxFile file;
  file.put(with_secret(inbound(kAna, "A", "x"), 7, 31));
  file.put(with_secret(inbound(kAna, "B", "x"), 7, 33));
  CHECK(secrets(file) == 0);
  const auto counts = unopened_counts(file.db);
  REQUIRE(counts.size() == 1);
  CHECK(name(counts[0].kind) == "secret");
  CHECK(name(counts[0].why) == "malformed");
  CHECK(counts[0].count == 2);
}

TEST_CASE("a second telling brings the secret that the first one lacked, and nothing gets dirty") {
  InboxFile file;
  file.put(inbound(kAna, "A", "x"));
  const auto before = file.revisions();
  CHECK(file.put(with_secret(from_history(inbound(kAna, "A", "x")))) == PutMessage::kUnchanged);
  CHECK(file.put(with_secret(inbound(kAna, "A", "x"), 8)) == PutMessage::kUnchanged);
  CHECK(secrets(file) == 1);
  CHECK(file.number("SELECT secret = zeroblob(32) FROM messages") == 0);
  CHECK(file.number("SELECT hex(secret) = '"
                    "0707070707070707070707070707070707070707070707070707"
                    "070707070707' FROM messages") == 1);
  CHECK(file.revisions() == before);
}

TEST_CASE("secrets go when their time is over, some at a time") {
  InboxFile file;
  file.write([](InboxWriter& inbox) {
    for (int i = 0; i < 700; ++i)
      inbox.put_message(with_secret(inbound(kAna, "A" + std::to_string(i), "x")));
  });
  const auto pass_time = [&file](std::int64_t days) {
    Transaction transaction(file.db, "test");
    InboxWriter(file.db, {kNow.value + days * kDay_s}).flush();
    transaction.commit();
    return secrets(file);
  };
  CHECK(pass_time(30) == 700);
  CHECK(pass_time(32) == 200);
  CHECK(pass_time(32) == 0);
}

TEST_CASE("secrets and media facts go with a message to the phone's thread") {
  for (const bool in_both : {false, true}) {
    InboxFile file;
    Message m = with_secret(picture("A"));
    m.chat = jid(kAnaLid);
    file.put(m);
    if (in_both) file.put(inbound(kAna, "A", "caption"));
    learn(file);
    CHECK(secrets(file) == 1);
    CHECK(file.number("SELECT count(secret) FROM messages m JOIN media_facts f"
                      " ON f.message = m.row_id") == 1);
    CHECK(file.number("SELECT count(*) FROM media_facts") == 1);
  }
}

TEST_CASE("what was taken back has neither secret nor media facts, in whatever order it is told") {
  InboxFile file;
  file.put(with_secret(picture("A")));
  revoke(file, "A");
  CHECK(secrets(file) == 0);
  CHECK(file.number("SELECT count(*) FROM media_facts") == 0);
  file.put(with_secret(picture("A")));
  revoke(file, "B");
  file.put(with_secret(picture("B")));
  CHECK(secrets(file) == 0);
  CHECK(file.number("SELECT count(*) FROM media_facts") == 0);
}

TEST_CASE("what it takes to fetch media is kept with the message") {
  InboxFile file;
  const Message told = picture("A");
  file.put(told);
  CHECK(facts(file) == *told.media_facts);
}

TEST_CASE("of media facts only what can be true is kept") {
  InboxFile file;
  Message m = picture("A");
  m.media_facts->direct_path = "v/t62";
  m.media_facts->url = "https://mmg.whatsapp.net/x";
  m.media_facts->file_sha256.resize(31);
  m.media_facts->thumbnail = Bytes(kMaxThumbnailBytes + 1, 0);
  file.put(m);
  CHECK(facts(file).direct_path.empty());
  CHECK(facts(file).url == "https://mmg.whatsapp.net/x");
  CHECK(facts(file).file_sha256.empty());
  CHECK(facts(file).thumbnail.empty());
  for (const char* url : {"http://mmg.whatsapp.net/x", "https://a b", "javascript:1"}) {
    MediaFacts facts{.media_key = Bytes(32, 1), .url = url};
    CHECK(sound_media_facts(facts)->url.empty());
  }
  CHECK_FALSE(sound_media_facts({.media_key = Bytes(16, 1), .direct_path = "/v"}));
}

TEST_CASE("a second telling completes media facts, and a newer key replaces them") {
  InboxFile file;
  Message bare = picture("A", {kNow.value - 500});
  bare.media_facts->direct_path.clear();
  bare.media_facts->thumbnail.clear();
  file.put(bare);
  const auto before = file.revisions();
  file.put(from_history(picture("A", {kNow.value - 500})));
  CHECK(facts(file) == *picture("A", {kNow.value - 500}).media_facts);

  Message again = picture("A", {kNow.value - 100});
  again.media_facts->media_key = Bytes(32, 9);
  again.media_facts->direct_path = "/v/t62/2";
  again.media_facts->thumbnail.clear();
  file.put(again);
  CHECK(facts(file).direct_path == "/v/t62/2");
  CHECK(facts(file).thumbnail == Bytes(5, 4));
  again.media_facts->media_key_at = {kNow.value - 200};
  again.media_facts->direct_path = "/older";
  file.put(again);
  CHECK(facts(file).direct_path == "/v/t62/2");
  CHECK(file.revisions() == before);
}

TEST_CASE("the edit of a caption keeps the media facts, or brings them") {
  InboxFile file;
  Message m = picture("A");
  m.media_facts.reset();
  file.put(m);
  file.write([](InboxWriter& inbox) {
    inbox.put_edit({.chat = jid(kAna),
                    .target = {.id = "A", .remote_jid = {}, .from_me = false, .participant = {}},
                    .by = jid(kAna),
                    .body = "another caption",
                    .at = kNow,
                    .media_facts = picture("A").media_facts});
  });
  CHECK(facts(file) == *picture("A").media_facts);
  CHECK(file.messages(kAna).at(0).message.body == "another caption");
}

}  // namespace secrets_test
