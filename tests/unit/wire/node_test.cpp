#include "wire/node.h"

#include <doctest/doctest.h>

#include "base/jid.h"

namespace node_test {

using namespace wasync;

namespace {

Jid jid(std::string_view text) {
  return Jid::parse(text).value();
}

Node sample() {
  return Node("message",
              {{"from", jid("40700000001:3@s.whatsapp.net")},
               {"participant", std::string("40700000002@s.whatsapp.net")},
               {"t", std::string("1700000000")},
               {"notify", std::string("Ștefan")}},
              std::vector<Node>{Node("enc", {{"v", std::string("2")}}, Bytes{1, 2, 3}),
                                Node("meta"), Node("enc", {{"v", std::string("1")}})});
}

}  // namespace

TEST_CASE("attributes are read as text whatever they are") {
  const Node node = sample();
  CHECK(node.has("from"));
  CHECK_FALSE(node.has("to"));
  CHECK(node.text("from") == "40700000001:3@s.whatsapp.net");
  CHECK(node.text("notify") == "Ștefan");
  CHECK(node.text("to").empty());
}

TEST_CASE("an attribute is a JID when it was sent as one or reads as one") {
  const Node node = sample();
  CHECK(node.jid("from") == jid("40700000001:3@s.whatsapp.net"));
  CHECK(node.jid("participant") == jid("40700000002@s.whatsapp.net"));
  CHECK_FALSE(node.jid("to").has_value());
  CHECK_FALSE(Node("x", {{"from", std::string("a/b@s.whatsapp.net")}}).jid("from").has_value());
  CHECK_FALSE(Node("x", {{"from", std::string()}}).jid("from").has_value());
}

TEST_CASE("numbers are plain unsigned decimals") {
  const auto number = [](const char* text) {
    return Node("x", {{"n", std::string(text)}}).number("n");
  };
  CHECK(number("0") == 0u);
  CHECK(number("0042") == 42u);
  CHECK(number("18446744073709551615") == UINT64_MAX);
  for (const char* bad :
       {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616", "1e3"}) {
    CAPTURE(bad);
    CHECK_FALSE(number(bad).has_value());
  }
  CHECK_FALSE(Node("x").number("n").has_value());
  CHECK_FALSE(Node("x", {{"n", jid("5@s.whatsapp.net")}}).number("n").has_value());
}

TEST_CASE("a time that cannot be read is unknown") {
  CHECK(sample().time("t") == UnixSeconds{1'700'000'000});
  CHECK_FALSE(sample().time("notify").known());
  CHECK_FALSE(sample().time("missing").known());
  CHECK_FALSE(Node("x", {{"t", std::string("18446744073709551615")}}).time("t").known());
}

TEST_CASE("set replaces in place or adds at the end") {
  Node node("ack", {{"id", std::string("1")}, {"class", std::string("message")}});
  node.set("id", std::string("2"));
  node.set("to", jid("40700000001@s.whatsapp.net"));
  REQUIRE(node.attributes.size() == 3);
  CHECK(node.attributes[0].first == "id");
  CHECK(node.text("id") == "2");
  CHECK(node.attributes[2].first == "to");
  CHECK(std::holds_alternative<Jid>(node.attributes[2].second));
}

TEST_CASE("children are found by tag, and other contents have none") {
  const Node node = sample();
  REQUIRE(node.child("enc") != nullptr);
  CHECK(node.child("enc")->text("v") == "2");
  CHECK(node.child("enc") == &node.children()[0]);
  CHECK(node.child("nothing") == nullptr);
  CHECK(node.children_named("enc").size() == 2);
  CHECK(node.children_named("enc")[1]->text("v") == "1");
  CHECK(node.bytes().empty());

  const Node& leaf = node.children()[0];
  CHECK(leaf.children().empty());
  CHECK(to_bytes(leaf.bytes()) == Bytes{1, 2, 3});
  CHECK(leaf.child("enc") == nullptr);
  CHECK(Node("x").bytes().empty());
}

TEST_CASE("a description shows the shape and no content") {
  CHECK(Node("ping").describe() == "<ping/>");
  Node node("message", {{"from", jid("40700000001@s.whatsapp.net")}, {"id", std::string("AB")}},
            std::vector<Node>{Node("enc", {}, Bytes(120)), Node("meta")});
  CHECK(node.describe() ==
        "<message from='40700000001@s.whatsapp.net' id='AB'>"
        "<enc>(120 bytes)</enc><meta/></message>");
}

TEST_CASE("a description cannot be used to forge a log line") {
  const Node node("a\nb", {{"k\x1b", std::string("v'\\ \xc2\x9b\x7f\xff")}}, Bytes{'s', 'e', 'c'});
  CHECK(node.describe() ==
        "<a\\x0ab k\\x1b='v\\x27\\x5c \\xc2\\x9b\\x7f\\xff'>(3 bytes)</a\\x0ab>");
}

TEST_CASE("a description does not tell the media token") {
  const Node node("media_conn", {{"auth", std::string("secret-token")}});
  CHECK(node.describe() == "<media_conn auth='(hidden)'/>");
}

TEST_CASE("a description of a huge stanza stays short") {
  Node node("list", {}, std::vector<Node>(100'000, Node("participant")));
  CHECK(node.describe().size() < 5000);
  CHECK(node.describe().ends_with("(cut)"));
  node = Node("list", {{"k", std::string(1'000'000, 'x')}});
  CHECK(node.describe().size() < 5000);
}

}  // namespace node_test
