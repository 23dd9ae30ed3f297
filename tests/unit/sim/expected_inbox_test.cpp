#include "sim/expected_inbox.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace wasync::sim {
namespace {

using Json = nlohmann::json;

const Dataset dataset = Dataset::make("1x3", 1, 2);

Message live(const char* id, const char* body) {
  Message message;
  message.id = id;
  message.author = dataset.chats[0].person;
  message.sent_at = 1'800'000'000;
  if (body != nullptr) message.body = body;
  return message;
}

Json thread_with(std::vector<Message> messages) {
  const LiveMessages written{{0, std::move(messages)}};
  return Json::parse(expected_inbox_json(dataset, {}, written))["threads"][0];
}

TEST_CASE("what was written since comes behind the history") {
  const Json thread = thread_with({live("A", "unu"), live("B", "doi")});
  CHECK(thread["messages"] == 5);
  CHECK(thread["last_message_at"] == 1'800'000'000);
  CHECK(thread["last_message"] == "doi");
  CHECK(thread["message_list"][3]["id"] == "A");
  CHECK(thread["message_list"][4]["body"] == "doi");
}

TEST_CASE("inbound messages are unread until the owner writes") {
  Message answer = live("B", "da");
  answer.from_me = true;
  const std::uint32_t before = dataset.chats[0].unread;
  CHECK(thread_with({live("A", "unu")})["unread"] == before + 1);
  CHECK(thread_with({live("A", "unu"), answer})["unread"] == 0);
  CHECK(thread_with({answer, live("A", "unu")})["unread"] == 1);
}

TEST_CASE("a live message quotes one of the history, or a live one") {
  Message of_history = live("A", "unu");
  of_history.quotes = 4;
  Message of_live = live("B", "doi");
  of_live.quotes = 5;
  const Json messages = thread_with({of_history, of_live})["message_list"];
  CHECK(messages[3]["quoted_id"] == dataset.message(0, 4).id);
  CHECK(messages[4]["quoted_id"] == "A");
}

TEST_CASE("the conversation list's line about what is no text") {
  Message gone = live("A", nullptr);
  gone.revoked = true;
  CHECK(thread_with({gone})["last_message"] == "[deleted]");
  Message picture = live("A", nullptr);
  picture.kind = Kind::kImage;
  CHECK(thread_with({picture})["last_message"] == "[image]");
  Message document = picture;
  document.kind = Kind::kDocument;
  document.file_name = "document.pdf";
  CHECK(thread_with({document})["last_message"] == "document.pdf");
}

}  // namespace
}  // namespace wasync::sim
