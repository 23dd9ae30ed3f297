#include "cli/conversation.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace conversation_test {

using namespace wasync;

namespace {

StoredMessage message(const std::string& id, std::int64_t sent_at, const std::string& body) {
  StoredMessage stored{.id = *MessageId::parse(id)};
  stored.message.key.id = id;
  stored.message.sent_at = {sent_at};
  stored.message.body = body;
  return stored;
}

std::string shown(const std::vector<StoredMessage>& messages) {
  setenv("TZ", "UTC", 1);
  tzset();
  return conversation_text(Console{}, messages, [](const Message&) { return "Maria"; });
}

constexpr std::int64_t kNoon = 1'772'366'400;  // 2026-03-01T12:00:00Z

}  // namespace

TEST_CASE("a conversation reads by days, with who said what") {
  auto ours = message("B", kNoon + 60, "Bine");
  ours.message.key.from_me = true;
  const auto next_day = message("C", kNoon + 86400, "Hei");
  CHECK(shown({message("A", kNoon, "Ce faci?"), ours, next_day}) ==
        "--- 2026-03-01 ---\n"
        "12:00  Maria: Ce faci?\n"
        "12:01  me: Bine\n"
        "\n"
        "--- 2026-03-02 ---\n"
        "12:00  Maria: Hei\n");
}

TEST_CASE("further lines stand below the first") {
  CHECK(shown({message("A", kNoon, "one\ntwo")}) ==
        "--- 2026-03-01 ---\n12:00  Maria: one\n       two\n");
}

TEST_CASE("media, replies, edits, deletions and reactions are told apart from text") {
  auto image = message("A", kNoon, "vedere");
  image.message.type = message_type::kImage;
  image.message.media = Media{.type = "image", .size_bytes = 1'234'567};
  CHECK(shown({image}).ends_with("Maria: [image, 1.2 MB] vedere\n"));

  auto awaited = message("A", kNoon, "");
  awaited.message.type = message_type::kUndecryptable;
  awaited.message.body.reset();
  CHECK(shown({awaited}).ends_with("Maria: (waiting for this message)\n"));
  CHECK(content_label(Language::kRomanian, awaited.message) == "(se așteaptă acest mesaj)");

  auto voice = message("A", kNoon, "");
  voice.message.type = message_type::kAudio;
  voice.message.body.reset();
  voice.message.media = Media{.type = "audio", .seconds = 75};
  CHECK(shown({voice}).ends_with("Maria: [audio, 1:15]\n"));

  auto reply = message("A", kNoon, "da");
  reply.message.quoted = Quoted{.id = "Z", .participant = "", .preview = "vii?\nspune"};
  CHECK(shown({reply}).ends_with("12:00  > reply to \"vii? spune\"\n       Maria: da\n"));

  auto edited = message("A", kNoon, "nou");
  edited.message.edited_at = {kNoon + 5};
  CHECK(shown({edited}).ends_with("Maria: nou [edited]\n"));

  auto deleted = message("A", kNoon, "secret");
  deleted.message.deleted_at = {kNoon + 5};
  CHECK(shown({deleted}).ends_with("Maria: [deleted]\n"));

  auto liked = message("A", kNoon, "gata");
  liked.message.reactions = {{"1@s.whatsapp.net", "👍"}, {"2@s.whatsapp.net", "❤"}};
  CHECK(shown({liked}).ends_with("Maria: gata\n       (👍 ❤)\n"));

  auto odd = message("A", kNoon, "");
  odd.message.type = message_type::kUnknown;
  CHECK(shown({odd}).find("[content of a kind") != std::string::npos);
}

TEST_CASE("what strangers wrote cannot steer the terminal") {
  auto hostile = message("A", kNoon, "\x1b[2J\x1b]0;x\x07 a\u202Eb\r\nc");
  hostile.message.quoted = Quoted{.preview = "\x1b[31m"};
  hostile.message.media = Media{.type = "document", .filename = "\x1b[1mx\u202E.exe"};
  hostile.message.type = message_type::kDocument;
  hostile.message.reactions = {{"1@s.whatsapp.net", "\x1b[5m!"}};
  const std::string out =
      conversation_text(Console{}, {hostile}, [](const Message&) { return "\x1b[7mEve\n12:00"; });
  CHECK(out.find('\x1b') == std::string::npos);
  CHECK(out.find('\x07') == std::string::npos);
  CHECK(out.find('\r') == std::string::npos);
  CHECK(out.find("\u202E") == std::string::npos);
  // A name cannot begin a line that looks like another message.
  CHECK(out.find("\n12:00:") == std::string::npos);
}

}  // namespace conversation_test
