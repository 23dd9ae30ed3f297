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
  CHECK_FALSE(parsed->from_own_phone);
}

TEST_CASE("what our phone wrote belongs to the recipient's chat") {
  const auto parsed =
      parse_incoming(message({{"from", jid("40700000001@s.whatsapp.net")},
                              {"recipient", jid("555@lid")},
                              {"peer_recipient_pn", jid("40722000000@s.whatsapp.net")}}),
                     own_device());
  REQUIRE(parsed);
  CHECK(parsed->from_me);
  CHECK(parsed->from_own_phone);
  CHECK(parsed->chat == jid("555@lid"));
  CHECK(parsed->chat_alt == jid("40722000000@s.whatsapp.net"));
}

TEST_CASE("another companion of ours is not our phone") {
  const auto parsed =
      parse_incoming(message({{"from", jid("9001:4@lid")}, {"category", "peer"}}), own_device());
  REQUIRE(parsed);
  CHECK(parsed->from_me);
  CHECK_FALSE(parsed->from_own_phone);
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

TEST_CASE("what somebody sends to a broadcast list is a message to us") {
  const auto parsed =
      parse_incoming(message({{"from", jid("40711@broadcast")},
                              {"participant", jid("555:2@lid")},
                              {"participant_pn", jid("40722000000@s.whatsapp.net")}}),
                     own_device());
  REQUIRE(parsed);
  CHECK_FALSE(parsed->group);
  CHECK(parsed->chat == jid("555@lid"));
  CHECK(parsed->sender_alt == jid("40722000000:2@s.whatsapp.net"));
  CHECK(key_of(*parsed) == MessageKey{.id = "3A01",
                                      .remote_jid = "40711@broadcast",
                                      .from_me = false,
                                      .participant = "555@lid"});
  const auto status = parse_incoming(
      message({{"from", jid("status@broadcast")}, {"participant", jid("555@lid")}}), own_device());
  REQUIRE(status);
  CHECK(status->group);
  CHECK(status->chat == jid("status@broadcast"));
}

TEST_CASE("what we send to a list is one message to each of its recipients") {
  Node stanza = message(
      {{"from", jid("40711@broadcast")}, {"participant", jid("40700000001@s.whatsapp.net")}});
  stanza.content = std::vector<Node>{
      Node("participants", {},
           std::vector<Node>{Node("to", {{"jid", jid("555@lid")},
                                         {"peer_recipient_pn", jid("40722000000@s.whatsapp.net")}}),
                             Node("to", {{"jid", jid("40733000000@s.whatsapp.net")}}),
                             Node("to", {{"jid", jid("1203@g.us")}})})};
  const auto parsed = parse_incoming(stanza, own_device());
  REQUIRE(parsed);
  CHECK(parsed->from_me);
  CHECK(parsed->chat == jid("40711@broadcast"));
  REQUIRE(parsed->recipients.size() == 2);
  CHECK(parsed->recipients[0].phone == jid("40722000000@s.whatsapp.net"));
  CHECK(parsed->recipients[0].lid == jid("555@lid"));
  CHECK(parsed->recipients[1].phone == jid("40733000000@s.whatsapp.net"));
}

TEST_CASE("what comes under a LID that was ours is still ours, but not our phone's word") {
  Device device = own_device();
  device.former_lids = {jid("8001@lid")};
  const auto parsed =
      parse_incoming(message({{"from", jid("8001@lid")}, {"recipient", jid("8001@lid")}}), device);
  REQUIRE(parsed);
  CHECK(parsed->from_me);
  CHECK_FALSE(parsed->from_own_phone);
  CHECK(parsed->chat == jid("8001@lid"));
}

TEST_CASE("only the exact forms of our two addresses are our phone") {
  for (const char* exact : {"40700000001@s.whatsapp.net", "9001@lid"}) {
    CHECK(parse_incoming(message({{"from", jid(exact)}}), own_device())->from_own_phone);
  }
  for (const char* other :
       {"40700000001@c.us", "40700000001@hosted", "40700000001_3@s.whatsapp.net",
        "40700000001@S.WHATSAPP.NET", "9001@hosted.lid", "9001_2@lid", "9001@LID"}) {
    const auto parsed = parse_incoming(message({{"from", jid(other)}}), own_device());
    REQUIRE(parsed);
    CHECK(parsed->from_me);
    CHECK_FALSE(parsed->from_own_phone);
  }
}

TEST_CASE("a bot's answer is in the chat where it was asked") {
  for (const char* bot : {"867051314767696@bot", "13135550002@s.whatsapp.net"}) {
    Node stanza = message({{"from", jid(bot)}});
    CHECK(parse_incoming(stanza, own_device())->chat == jid(bot));
    stanza.content = std::vector<Node>{Node("meta", {{"target_chat_jid", jid("1203-44@g.us")}})};
    const auto parsed = parse_incoming(stanza, own_device());
    CHECK(parsed->chat == jid("1203-44@g.us"));
    CHECK(parsed->sender == jid(bot));
    CHECK(parsed->group);
  }
  Node stanza = message({{"from", jid("555@lid")}});
  stanza.content = std::vector<Node>{Node("meta", {{"target_chat_jid", jid("1203-44@g.us")}})};
  CHECK(parse_incoming(stanza, own_device())->chat == jid("555@lid"));  // she is none
}

TEST_CASE("a message without sender or id is malformed") {
  CHECK_FALSE(parse_incoming(message({}), own_device()));
  CHECK_FALSE(parse_incoming(message({{"from", jid("1203-44@g.us")}}), own_device()));
  CHECK_FALSE(parse_incoming(Node("message", {{"from", jid("1@s.whatsapp.net")}}), own_device()));
}

}  // namespace incoming_message_test
