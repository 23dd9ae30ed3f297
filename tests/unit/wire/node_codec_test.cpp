#include "wire/node_codec.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/inflate.h"
#include "wire/tokens.h"

namespace node_codec_test {

using namespace wasync;

namespace {

// Bytes from hexadecimal text; blanks are for the reader.
Bytes hex(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return hex_decode(text).value();
}

std::string encoded(const Node& node) {
  return hex_encode(encode_node(node));
}

std::string squeezed(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

// Both directions of one form.
void check_form(const Node& node, const std::string& wire) {
  CAPTURE(wire);
  CHECK(encoded(node) == squeezed(wire));
  CHECK(decode_node(hex(wire)) == node);
}

Node with_value(Node::Value value) {
  return Node("iq", {{"to", std::move(value)}});
}

void check_malformed(BytesView payload, std::string_view why = {}) {
  CAPTURE(hex_encode(payload.first(std::min<std::size_t>(payload.size(), 64))));
  try {
    decode_node(payload);
    FAIL_CHECK("decoded");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kProtocol);
    CHECK(std::string_view(error.what()).find(why) != std::string_view::npos);
  }
}
void check_malformed(const std::string& wire, std::string_view why = {}) {
  check_malformed(hex(wire), why);
}

Bytes repeated(const std::string& wire, std::size_t count) {
  const Bytes once = hex(wire);
  Bytes out;
  for (std::size_t i = 0; i < count; ++i) append(out, once);
  return out;
}

// One of everything.
Node rich_node() {
  Jid device{.user = "40700000001", .server = "s.whatsapp.net", .device = 3};
  Jid interop{.user = "someone", .server = "interop", .device = 300, .integrator = 7};
  Node::Attributes attributes{{"id", std::string("3EB0ABCDEF012345")},
                              {"from", device},
                              {"participant", Jid{.user = "123", .server = "lid", .device = 9}},
                              {"to", Jid{.user = "120363-1", .server = "g.us"}},
                              {"recipient", interop},
                              {"target", Jid{.user = "55", .server = "msgr", .device = 2}},
                              {"t", std::string("1700000000")},
                              {"notify", std::string("Ștefan 😀")},
                              {"reason", std::string("false")}};
  return Node("message", std::move(attributes),
              std::vector<Node>{Node("enc", {{"v", std::string("2")}}, Bytes(300, 0xab)),
                                Node("empty", {}, std::vector<Node>{}), Node("bytes", {}, Bytes{}),
                                Node("device-identity", {}, Bytes{0, 1, 2})});
}

}  // namespace

TEST_CASE("token tables hold what version 3 of the dictionary holds") {
  CHECK(kDictionaryVersion == 3);
  CHECK_FALSE(single_token(0).has_value());
  CHECK(single_token(3) == "s.whatsapp.net");
  CHECK(single_token(25) == "iq");
  CHECK(single_token(235) == "screen_height");
  CHECK_FALSE(single_token(236).has_value());
  CHECK(double_token(0, 0) == "read-self");
  CHECK(double_token(0, 255) == "mute_v2");
  CHECK(double_token(1, 0) == "reject");
  CHECK(double_token(2, 0) == "64");
  CHECK(double_token(3, 0) == "1724");
  CHECK(double_token(3, 255) == "1961");
  CHECK_FALSE(double_token(4, 0).has_value());
  CHECK_FALSE(find_token("").has_value());
  CHECK_FALSE(find_token("no such token").has_value());
}

TEST_CASE("every token is found where it stands") {
  for (std::size_t i = 1; i < 236; ++i) {
    const auto index = static_cast<std::uint8_t>(i);
    CHECK(find_token(*single_token(index)) == TokenPosition{.dictionary = {}, .index = index});
  }
  for (std::uint8_t dictionary = 0; dictionary < 4; ++dictionary) {
    for (std::size_t i = 0; i < 256; ++i) {
      const auto index = static_cast<std::uint8_t>(i);
      const std::string_view token = *double_token(dictionary, index);
      REQUIRE_FALSE(token.empty());
      CHECK(find_token(token) == TokenPosition{.dictionary = dictionary, .index = index});
    }
  }
}

TEST_CASE("a node is a list of its tag, attributes and content") {
  check_form(Node("ping"), "00 f801 56");
  check_form(Node("iq", {{"type", "get"}}), "00 f803 19 0429");
  check_form(Node("iq", {{"type", "get"}, {"xmlns", "w:p"}}, std::vector<Node>{Node("ping")}),
             "00 f806 19 0429 1657 f801 f80156");
  check_form(Node("xmlstreamend"), "00 f801 02");
}

TEST_CASE("attributes keep their order and the empty ones are not sent") {
  CHECK(encoded(Node("iq", {{"xmlns", "w:p"}, {"id", ""}, {"to", Jid{}}, {"type", "get"}})) ==
        squeezed("00 f805 19 1657 0429"));
}

TEST_CASE("no content, no children and no bytes are three different things") {
  check_form(Node("iq"), "00 f801 19");
  check_form(Node("iq", {}, std::vector<Node>{}), "00 f802 19 00");
  check_form(Node("iq", {}, Bytes{}), "00 f802 19 fc00");
}

TEST_CASE("content bytes are raw even where a token or packing would do") {
  check_form(Node("iq", {}, to_bytes("get")), "00 f802 19 fc03 676574");
  check_form(Node("iq", {}, to_bytes("12")), "00 f802 19 fc02 3132");
}

TEST_CASE("texts are tokens of one or two bytes") {
  check_form(with_value("text"), "00 f803 19 11 38");
  check_form(with_value("read-self"), "00 f803 19 11 ec00");
  check_form(with_value("reject"), "00 f803 19 11 ed00");
  check_form(with_value("64"), "00 f803 19 11 ee00");
  check_form(with_value("1961"), "00 f803 19 11 efff");
  check_form(Node("reject", {{"active", "1"}}), "00 f803 ed00 ec01 55");
}

TEST_CASE("digits, dashes and dots are packed in nibbles") {
  check_form(with_value("1234567890"), "00 f803 19 11 ff05 1234567890");
  check_form(with_value("123-4.5"), "00 f803 19 11 ff84 123a4b5f");
  check_form(with_value("-.-"), "00 f803 19 11 ff82 abaf");
}

TEST_CASE("upper-case hexadecimal is packed, lower-case is not") {
  check_form(with_value("3EB0FF"), "00 f803 19 11 fb03 3eb0ff");
  check_form(with_value("3EB0F"), "00 f803 19 11 fb83 3eb0ff");
  check_form(with_value("3eb0ff"), "00 f803 19 11 fc06 336562306666");
  check_form(with_value("A-1"), "00 f803 19 11 fc03 412d31");
}

TEST_CASE("packing ends at 127 characters") {
  const std::string longest(127, '7');
  CHECK(encode_node(with_value(longest))[5] == 0xff);
  CHECK(encode_node(with_value(longest))[6] == (128 | 64));
  CHECK(encode_node(with_value(longest + "7"))[5] == 0xfc);
  CHECK(encode_node(with_value(std::string(127, 'A')))[5] == 0xfb);
  CHECK(encode_node(with_value(std::string(128, 'A')))[5] == 0xfc);
  for (const std::size_t length : {126u, 127u, 128u}) {
    for (const char c : {'7', 'A'}) {
      const Node node = with_value(std::string(length, c));
      CHECK(decode_node(encode_node(node)) == node);
    }
  }
  // A peer may send up to 254.
  Bytes wire = hex("00 f803 19 11 ff7f");
  append(wire, Bytes(127, 0x12));
  CHECK(decode_node(wire).text("to").size() == 254);
}

TEST_CASE("texts and bytes take the shortest of three lengths") {
  const auto head = [](std::size_t size, std::size_t from, std::size_t count) {
    const Bytes wire = encode_node(Node("iq", {}, Bytes(size, 1)));
    CHECK(decode_node(wire).bytes().size() == size);
    return hex_encode(BytesView(wire).subspan(from, count));
  };
  CHECK(head(255, 4, 2) == "fcff");
  CHECK(head(256, 4, 4) == "fd000100");
  CHECK(head((1u << 20) - 1, 4, 4) == "fd0fffff");
  CHECK(head(1u << 20, 4, 5) == "fe00100000");
  // The upper four bits of a 20-bit length mean nothing.
  CHECK(decode_node(hex("00 f802 19 fdf00002 0102")) == Node("iq", {}, Bytes{1, 2}));
  const Node text = with_value(std::string(5000, 'x'));
  CHECK(decode_node(encode_node(text)) == text);
}

TEST_CASE("a text that looks like a JID stays a text") {
  check_form(with_value("1@lid"), "00 f803 19 11 fc05 31406c6964");
}

TEST_CASE("an address without a device is a pair") {
  check_form(with_value(Jid{.user = "123", .server = "s.whatsapp.net"}),
             "00 f803 19 11 fa ff82123f 03");
  check_form(with_value(Jid{.user = "", .server = "s.whatsapp.net"}), "00 f803 19 11 fa 00 03");
  check_form(with_value(Jid{.user = "", .server = "g.us"}), "00 f803 19 11 fa 00 1c");
  check_form(with_value(Jid{.user = "123-45", .server = "g.us"}), "00 f803 19 11 fa ff03123a45 1c");
  check_form(with_value(Jid{.user = "status", .server = "broadcast"}), "00 f803 19 11 fa 0b 0d");
  check_form(with_value(Jid{.user = "77", .server = "lid"}), "00 f803 19 11 fa ff0177 76");
  check_form(with_value(Jid{.user = "77", .server = "bot"}), "00 f803 19 11 fa ff0177 fc03626f74");
}

TEST_CASE("an address of a device names its server by a domain type") {
  check_form(with_value(Jid{.user = "123", .server = "s.whatsapp.net", .device = 5}),
             "00 f803 19 11 f7 00 05 ff82123f");
  check_form(with_value(Jid{.user = "123", .server = "lid", .device = 255}),
             "00 f803 19 11 f7 01 ff ff82123f");
  check_form(with_value(Jid{.user = "123", .server = "hosted", .device = 99}),
             "00 f803 19 11 f7 80 63 ff82123f");
  check_form(with_value(Jid{.user = "123", .server = "hosted.lid", .device = 99}),
             "00 f803 19 11 f7 81 63 ff82123f");
  check_form(with_value(Jid{.user = "123", .server = "hosted"}), "00 f803 19 11 f7 80 00 ff82123f");
}

TEST_CASE("an unknown domain type is an agent of a phone-number address") {
  check_form(with_value(Jid{.user = "123", .server = "s.whatsapp.net", .device = 5, .agent = 7}),
             "00 f803 19 11 f7 07 05 ff82123f");
  // 1 would say that it is a LID.
  CHECK(encoded(
            with_value(Jid{.user = "123", .server = "s.whatsapp.net", .device = 5, .agent = 1})) ==
        squeezed("00 f803 19 11 f7 00 05 ff82123f"));
}

TEST_CASE("a device address of device 0 is the plain address") {
  const Node node = decode_node(hex("00 f803 19 11 f7 01 00 ff82123f"));
  CHECK(node.jid("to") == Jid{.user = "123", .server = "lid"});
}

TEST_CASE("messenger and interop addresses have wide device numbers") {
  check_form(with_value(Jid{.user = "123", .server = "msgr", .device = 258}),
             "00 f803 19 11 f6 ff82123f 0102 cc");
  check_form(with_value(Jid{.user = "123", .server = "interop", .device = 258, .integrator = 3}),
             "00 f803 19 11 f5 ff82123f 0102 0003 fc07 696e7465726f70");
}

TEST_CASE("an address with characters of no JID is read as a text") {
  // a/b@lid as a pair
  const Node pair = decode_node(hex("00 f803 19 11 fa fc03612f62 76"));
  CHECK(std::holds_alternative<std::string>(pair.attributes[0].second));
  CHECK(pair.text("to") == "a/b@lid");
  CHECK_FALSE(pair.jid("to").has_value());
  const Node device = decode_node(hex("00 f803 19 11 f7 00 05 fc020a31"));
  CHECK(std::holds_alternative<std::string>(device.attributes[0].second));
  CHECK_FALSE(device.jid("to").has_value());
}

TEST_CASE("content in other forms is its text") {
  CHECK(decode_node(hex("00 f802 19 29")) == Node("iq", {}, to_bytes("get")));
  CHECK(decode_node(hex("00 f802 19 ec00")) == Node("iq", {}, to_bytes("read-self")));
  CHECK(decode_node(hex("00 f802 19 ff82123f")) == Node("iq", {}, to_bytes("123")));
  CHECK(decode_node(hex("00 f802 19 fb0112")) == Node("iq", {}, to_bytes("12")));
  CHECK(decode_node(hex("00 f802 19 f70105ff82123f")) == Node("iq", {}, to_bytes("123:5@lid")));
}

TEST_CASE("an attribute value may be the empty list, which is the empty text") {
  const Node node = decode_node(hex("00 f803 19 11 00"));
  CHECK(node.has("to"));
  CHECK(node.text("to").empty());
}

TEST_CASE("longer lists count in two bytes") {
  const Node many("iq", {}, std::vector<Node>(256, Node("ping")));
  const Bytes wire = encode_node(many);
  CHECK(hex_encode(BytesView(wire).first(7)) == squeezed("00 f802 19 f90100"));
  CHECK(decode_node(wire) == many);
  const Node fewer("iq", {}, std::vector<Node>(255, Node("ping")));
  CHECK(hex_encode(BytesView(encode_node(fewer)).first(6)) == squeezed("00 f802 19 f8ff"));

  Node wide("iq");
  for (int i = 0; i < 200; ++i) wide.set("attribute" + std::to_string(i), std::to_string(i));
  CHECK(hex_encode(BytesView(encode_node(wide)).first(4)) == squeezed("00 f90191"));
  CHECK(decode_node(encode_node(wide)) == wide);
  // The wide form of a short list is fine too.
  CHECK(decode_node(hex("00 f90001 56")) == Node("ping"));
}

TEST_CASE("a rich node survives the round trip, also compressed") {
  const Node node = rich_node();
  const Bytes wire = encode_node(node);
  CHECK(decode_node(wire) == node);
  Bytes compressed{2};
  append(compressed, deflate(BytesView(wire).subspan(1)));
  CHECK(compressed.size() < wire.size());
  CHECK(decode_node(compressed) == node);
}

TEST_CASE("what the form cannot hold is not written") {
  const auto code = [](const Node& node) {
    try {
      encode_node(node);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kUsage;
  };
  CHECK(code(Node()) == ErrorCode::kInternal);
  CHECK(code(Node("iq", {{"", "x"}})) == ErrorCode::kInternal);
  CHECK(code(with_value(Jid{.user = "1", .server = "lid", .device = 256})) == ErrorCode::kProtocol);
  CHECK(code(Node("iq", {}, std::vector<Node>(65536, Node("ping")))) == ErrorCode::kProtocol);
}

TEST_CASE("every beginning of a stanza is refused") {
  const Bytes wire = encode_node(rich_node());
  for (std::size_t length = 0; length < wire.size(); ++length) {
    // A copy of its own, so that the sanitizer sees a read behind the end.
    check_malformed(to_bytes(BytesView(wire).first(length)));
  }
  Bytes compressed{2};
  append(compressed, deflate(BytesView(wire).subspan(1)));
  for (std::size_t length = 0; length < compressed.size(); ++length) {
    check_malformed(to_bytes(BytesView(compressed).first(length)));
  }
}

TEST_CASE("a flipped bit never does more than change or refuse the stanza") {
  const Bytes wire = encode_node(rich_node());
  for (std::size_t bit = 0; bit < wire.size() * 8; ++bit) {
    Bytes changed = wire;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1 << bit % 8));
    try {
      const Node node = decode_node(changed);
      CHECK(decode_node(encode_node(node)).tag == node.tag);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
}

TEST_CASE("bytes behind the end are refused") {
  check_malformed("00 f80156 00", "behind its end");
  Bytes compressed{2};
  append(compressed, deflate(hex("f80156 00")));
  check_malformed(compressed, "behind its end");
  compressed = {2};
  append(compressed, deflate(hex("f80156")));
  compressed.push_back(0);
  check_malformed(compressed, "behind its end");
}

TEST_CASE("malformed items are refused") {
  check_malformed("", "empty");
  check_malformed("00", "cut short");
  check_malformed("00 00", "an empty node");
  check_malformed("00 f800", "an empty node");
  check_malformed("00 56", "no list");
  check_malformed("00 f801 00", "without a tag");
  check_malformed("00 f801 fc00", "without a tag");
  check_malformed("00 f801 f801", "no text");
  check_malformed("00 f801 fa0003", "no text");
  check_malformed("00 f801 f0", "no text");
  check_malformed("00 f801 f4", "no text");
  check_malformed("00 f803 19 00 29", "without a name");
  check_malformed("00 f803 19 11 f80156", "no text");
  check_malformed("00 f803 19 fa0003 29", "no text");
  check_malformed("00 f803 19 11 fa fa0003 03", "no text");
  check_malformed("00 f803 19 11 fa 11 00", "without a server");
  check_malformed("00 f803 19 11 f6 11 0001 03", "another server");
  check_malformed("00 f803 19 11 f5 11 0001 0001 03", "another server");
  check_malformed("00 f802 19 f0");
}

TEST_CASE("malformed packed texts are refused") {
  check_malformed("00 f803 19 11 ff80", "negative length");
  check_malformed("00 f803 19 11 fb80", "negative length");
  check_malformed("00 f803 19 11 ff01 1c", "false character");
  check_malformed("00 f803 19 11 ff01 1f", "false character");
  check_malformed("00 f803 19 11 ff02 12", "cut short");
}

TEST_CASE("of an attribute given twice the last counts, as for other clients") {
  CHECK(decode_node(hex("00 f805 19 0429 0457")).attributes.size() == 1);
  CHECK(decode_node(hex("00 f805 19 0429 0457")) == decode_node(hex("00 f803 19 0457")));
}

TEST_CASE("lengths beyond the input are refused before memory is taken") {
  check_malformed("00 f802 19 feffffffff 00", "cut short");
  check_malformed("00 f802 19 fdffffff 00", "cut short");
  check_malformed("00 f802 19 fcff 00", "cut short");
  check_malformed("00 f802 19 f9ffff", "cut short");
}

TEST_CASE("depth is bounded") {
  const auto nested = [](std::size_t depth) {
    Bytes wire = hex("00");
    append(wire, repeated("f80219f801", depth - 1));
    append(wire, hex("f80119"));
    return wire;
  };
  CHECK(decode_node(nested(kMaxNodeDepth)).tag == "iq");
  check_malformed(nested(kMaxNodeDepth + 1), "too deeply");
  check_malformed(nested(200'000), "too deeply");
}

TEST_CASE("the number of nodes and attributes is bounded") {
  // Lists of 50,000 nodes each.
  const auto lists = [](std::size_t count) {
    Bytes wire = hex("00 f80219 f8");
    wire.push_back(static_cast<std::uint8_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
      append(wire, hex("f80219 f9c350"));
      append(wire, repeated("f80119", 50'000));
    }
    return wire;
  };
  CHECK(decode_node(lists(9)).children().size() == 9);
  check_malformed(lists(10), "too many");
  // Attributes count too: 300,000 nodes with one each.
  Bytes attributes = hex("00 f80219 f806");
  for (int i = 0; i < 6; ++i) {
    append(attributes, hex("f80219 f9c350"));
    append(attributes, repeated("f803191129", 50'000));
  }
  check_malformed(attributes, "too many");
  Bytes wide = hex("00 f90203 19");
  append(wide, Bytes(1000, 0x11));
  check_malformed(wide, "too many attributes");
}

TEST_CASE("a zlib bomb is refused") {
  Bytes compressed{2};
  append(compressed, deflate(Bytes(kMaxInflatedNode + 1)));
  CHECK(compressed.size() < 20'000);
  check_malformed(compressed, "more than is allowed");
  check_malformed("02 00112233", "damaged");
}

}  // namespace node_codec_test
