#include "session/receive/incoming_message.h"

#include <doctest/doctest.h>

namespace incoming_message_test {

using namespace wasync;

namespace {

Jid jid(std::string_view text) {
  return Jid::parse(text).value();
}

Device own_device() {
  return {.noise = {}, .jid = jid("40700000001:7@s.whatsapp.net"), .lid = jid("9001:7@lid")};
}

Node message(Node::Attributes attributes) {
  Node node("message", std::move(attributes));
  node.set("id", std::string("3A01"));
  node.set("t", std::string("1700000000"));
  return node;
}

}  // namespace

TEST_CASE("a direct message is from its chat") {
  const auto parsed = parse_incoming(message({{"from", jid("40722000000:3@s.whatsapp.net")},
                                              {"sender_lid", jid("555@lid")},
                                              {"notify", "Ana"}}),
                                     own_device());
  REQUIRE(parsed);
  CHECK(parsed->chat == jid("40722000000@s.whatsapp.net"));
  CHECK(parsed->sender == jid("40722000000:3@s.whatsapp.net"));
  CHECK(parsed->sender_alt == jid("555:3@lid"));
  CHECK(parsed->push_name == "Ana");
  CHECK(parsed->sent_at == UnixSeconds{1700000000});
  CHECK_FALSE(parsed->from_me);
  CHECK_FALSE(parsed->from_own_phone());
}

TEST_CASE("what our phone wrote belongs to the recipient's chat") {
  const auto parsed =
      parse_incoming(message({{"from", jid("40700000001@s.whatsapp.net")},
                              {"recipient", jid("555@lid")},
                              {"peer_recipient_pn", jid("40722000000@s.whatsapp.net")}}),
                     own_device());
  REQUIRE(parsed);
  CHECK(parsed->from_me);
  CHECK(parsed->from_own_phone());
  CHECK(parsed->chat == jid("555@lid"));
  CHECK(parsed->chat_alt == jid("40722000000@s.whatsapp.net"));
}

TEST_CASE("another companion of ours is not our phone") {
  const auto parsed =
      parse_incoming(message({{"from", jid("9001:4@lid")}, {"category", "peer"}}), own_device());
  REQUIRE(parsed);
  CHECK(parsed->from_me);
  CHECK_FALSE(parsed->from_own_phone());
}

TEST_CASE("a group message is from its participant, who may be us") {
  const auto theirs =
      parse_incoming(message({{"from", jid("1203-44@g.us")},
                              {"participant", jid("555:2@lid")},
                              {"participant_pn", jid("40722000000@s.whatsapp.net")}}),
                     own_device());
  REQUIRE(theirs);
  CHECK(theirs->group);
  CHECK(theirs->chat == jid("1203-44@g.us"));
  CHECK(theirs->sender == jid("555:2@lid"));
  CHECK(theirs->sender_alt == jid("40722000000:2@s.whatsapp.net"));
  CHECK_FALSE(theirs->from_me);
  CHECK(parse_incoming(message({{"from", jid("1203-44@g.us")}, {"participant", jid("9001@lid")}}),
                       own_device())
            ->from_me);
}

TEST_CASE("a message without sender or id is malformed") {
  CHECK_FALSE(parse_incoming(message({}), own_device()));
  CHECK_FALSE(parse_incoming(message({{"from", jid("1203-44@g.us")}}), own_device()));
  CHECK_FALSE(parse_incoming(Node("message", {{"from", jid("1@s.whatsapp.net")}}), own_device()));
}

}  // namespace incoming_message_test
