#include "history/parser.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "proto/history_sync.pb.h"
#include "unit/history/synthetic.h"

namespace parser_test {

using namespace wasync;

namespace {

// Writes down what it is given.
struct Recorder : HistoryParts {
  std::vector<std::string> seen;
  int bad = 0;
  int too_large = 0;
  bool streams_large = false;

  bool conversation(const pb::Conversation& header, std::uint64_t ordinal,
                    std::size_t messages) override {
    seen.push_back(std::to_string(ordinal) + ":" + header.id() + "/" + std::to_string(messages));
    return header.id() != "skipped";
  }
  void large_conversation(const pb::Conversation& header, std::uint64_t ordinal,
                          std::size_t messages) override {
    seen.push_back("large " + std::to_string(ordinal) + ":" + header.id() + header.name() + "/" +
                   std::to_string(messages));
  }
  bool streams(std::uint64_t) override { return streams_large; }
  void message_too_large() override { ++too_large; }
  void message(const pb::WebMessageInfo& info, BytesView) override {
    seen.push_back(info.key().id());
  }
  void status_message(const pb::WebMessageInfo& info) override {
    seen.push_back("status " + info.key().id());
  }
  void push_name(const pb::Pushname& name) override { seen.push_back("name " + name.pushname()); }
  void lid_mapping(const pb::PhoneNumberToLidMapping& mapping) override {
    seen.push_back("lid " + mapping.lid_jid());
  }
  void inline_contact(const pb::InlineContact& contact) override {
    seen.push_back("contact " + contact.full_name());
  }
  void damaged() override { ++bad; }
};

pb::HistorySync sample() {
  pb::HistorySync history;
  history.set_sync_type(pb::HISTORY_SYNC_FULL);
  auto& first = synthetic::add_conversation(history, "a");
  synthetic::add_text(first, "1", "one", 1);
  synthetic::add_text(first, "2", std::string(300, 'x'), 2);
  first.add_participant()->set_user_jid("member");
  synthetic::add_text(synthetic::add_conversation(history, "skipped"), "3", "three", 3);
  synthetic::add_conversation(history, "empty");
  history.add_status_v3_messages()->mutable_key()->set_id("s");
  history.set_chunk_order(7);
  history.set_progress(42);
  history.add_pushnames()->set_pushname("Ana");
  history.add_phone_number_to_lid_mappings()->set_lid_jid("1@lid");
  history.add_inline_contacts()->set_full_name("Ion");
  history.set_nct_salt(std::string(500, 's'));
  return history;
}

const std::vector<std::string> kSample{"0:a/2",       "1",         "2",
                                       "1:skipped/1", "2:empty/0", "status s",
                                       "name Ana",    "lid 1@lid", "contact Ion"};

void parse(Recorder& recorder, BytesView data, std::size_t piece, const ParserLimits& limits = {}) {
  HistoryParser parser(recorder, limits);
  for (std::size_t at = 0; at < data.size(); at += piece) {
    parser.feed(data.subspan(at, std::min(piece, data.size() - at)));
  }
  parser.finish();
}

Bytes field(std::uint32_t number, BytesView value) {
  Bytes out{static_cast<std::uint8_t>(number << 3 | 2)};
  for (std::size_t length = value.size();;) {
    const auto low = static_cast<std::uint8_t>(length & 0x7f);
    length >>= 7;
    out.push_back(length > 0 ? static_cast<std::uint8_t>(low | 0x80) : low);
    if (length == 0) break;
  }
  append(out, value);
  return out;
}

}  // namespace

TEST_CASE("all parts arrive in order, whatever the pieces") {
  const std::string wire = sample().SerializeAsString();
  for (const std::size_t piece : {1u, 2u, 3u, 100u, 100'000u}) {
    CAPTURE(piece);
    Recorder recorder;
    parse(recorder, as_bytes(wire), piece);
    CHECK(recorder.seen == kSample);
    CHECK(recorder.bad == 0);
  }
}

TEST_CASE("the chunk's own fields are read") {
  Recorder recorder;
  HistoryParser parser(recorder, {});
  CHECK(parser.header().sync_type == -1);
  parser.feed(as_bytes(sample().SerializeAsString()));
  CHECK(parser.header().sync_type == pb::HISTORY_SYNC_FULL);
  CHECK(parser.header().chunk_order == 7);
  CHECK(parser.header().progress == 42);
}

TEST_CASE("the secret for deleting blobs is read, unless it could do harm in a header") {
  const auto secret_of = [](const std::string& told) {
    pb::HistorySync history = sample();
    history.set_companion_meta_nonce(told);
    const std::string data = history.SerializeAsString();
    Recorder recorder;
    HistoryParser parser(recorder, {});
    parser.feed(as_bytes(data));
    parser.finish();
    CHECK(recorder.seen == kSample);
    CHECK(recorder.bad == 0);
    return parser.header().deletion_secret;
  };
  CHECK(secret_of("a1b2+/=") == "a1b2+/=");
  CHECK(secret_of("a\r\nHost: b").empty());
  CHECK(secret_of(std::string(600, 'a')).empty());
}

TEST_CASE("every truncation is an error, or ends between two parts") {
  const std::string wire = sample().SerializeAsString();
  std::size_t accepted = 0;
  for (std::size_t length = 0; length < wire.size(); ++length) {
    Recorder recorder;
    try {
      parse(recorder, as_bytes(wire).first(length), 64);
      ++accepted;
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
  CHECK(accepted == 11);  // before each of the eleven fields
}

TEST_CASE("a damaged conversation costs only itself") {
  Bytes wire;
  append(wire, field(2, as_bytes("\x0a\x7f")));       // id of 127 bytes that are not there
  append(wire, field(2, as_bytes("\x0a\x01z\x0b")));  // a group tag behind a good id
  append(wire, field(7, as_bytes("\x12\x7f")));       // a push name cut short
  append(wire, as_bytes(sample().SerializeAsString()));
  Recorder recorder;
  parse(recorder, wire, 5);
  CHECK(recorder.bad == 3);
  REQUIRE(recorder.seen.size() == kSample.size() + 2);
  CHECK(recorder.seen[1] == "1:z/0");
  CHECK(recorder.seen[2] == "2:a/2");
}

TEST_CASE("a damaged message costs only itself") {
  Bytes body = field(1, as_bytes("a@s.whatsapp.net"));
  append(body, field(2, as_bytes("\x0a\x05garba")));
  append(body, field(2, {}));
  pb::HistorySyncMsg good;
  good.mutable_message()->mutable_key()->set_id("ok");
  append(body, field(2, as_bytes(good.SerializeAsString())));
  Recorder recorder;
  parse(recorder, field(2, body), 1000);
  CHECK(recorder.bad == 2);
  CHECK(recorder.seen == std::vector<std::string>{"0:a@s.whatsapp.net/3", "ok"});
}

TEST_CASE("nesting without end is refused by one message, not by the stack") {
  // Message.ephemeral_message is field 40, which needs a tag of two bytes.
  Bytes deep{0x0a, 1, 'x'};
  for (int i = 0; i < 3000; ++i) {
    Bytes inner = field(1, deep);
    Bytes tagged{0xc2, 0x02};
    const Bytes framed = field(1, inner);
    tagged.insert(tagged.end(), framed.begin() + 1, framed.end());
    deep = std::move(tagged);
  }
  Bytes info = field(2, deep);
  Bytes conversation = field(1, as_bytes("a"));
  append(conversation, field(2, field(1, info)));
  Recorder recorder;
  parse(recorder, field(2, conversation), 4096);
  CHECK(recorder.bad == 1);
  CHECK(recorder.seen == std::vector<std::string>{"0:a/1"});
}

TEST_CASE("a large conversation tells of itself first, and its messages in a second parse") {
  pb::HistorySync history;
  auto& large = synthetic::add_conversation(history, "large");
  for (int i = 0; i < 50; ++i) synthetic::add_text(large, "x", std::string(100, 'x'), 1);
  synthetic::add_text(large, "huge", std::string(2000, 'x'), 1);
  for (int i = 0; i < 50; ++i) synthetic::add_text(large, "x", std::string(100, 'x'), 1);
  large.set_name(" by name");  // stands behind the messages
  large.add_participant()->set_user_jid(std::string(3000, 'm'));
  auto& small = synthetic::add_conversation(history, "small");
  synthetic::add_text(small, "huge too", std::string(2000, 'x'), 1);
  synthetic::add_text(small, "y", "y", 1);
  const std::string wire = history.SerializeAsString();
  const ParserLimits limits{.conversation_bytes = 5000, .other_part_bytes = 1000};
  for (const std::size_t piece : {1u, 10u, 700u, 100'000u}) {
    CAPTURE(piece);
    Recorder first;
    parse(first, as_bytes(wire), piece, limits);
    CHECK(first.seen == std::vector<std::string>{"large 0:large by name/101", "1:small/2", "y"});
    CHECK(first.too_large == 1);  // of the small one
    CHECK(first.bad == 0);
    Recorder second;
    second.streams_large = true;
    parse(second, as_bytes(wire), piece, limits);
    CHECK(std::ranges::count(second.seen, "x") == 100);
    CHECK(second.seen.size() == 102);
    CHECK(second.too_large == 2);
    CHECK(second.bad == 0);
  }
  Recorder cut;
  CHECK_THROWS_AS(parse(cut, as_bytes(wire).first(6000), 100, limits), Error);
}

TEST_CASE("what is damaged in a large conversation costs only its rest") {
  pb::Conversation conversation;
  for (int i = 0; i < 60; ++i) synthetic::add_text(conversation, "x", std::string(100, 'x'), 1);
  Bytes inside = to_bytes(conversation.SerializeAsString());
  std::string told;
  SUBCASE("an id behind the messages is as good") {
    append(inside, field(1, as_bytes(std::string_view("late"))));
    told = "large 0:late/60";
  }
  SUBCASE("a field that reaches beyond it") {
    append(inside, field(1, as_bytes(std::string_view("late"))));
    append(inside, Bytes{0x12, 0x7f, 1, 2});
    told = "large 0:late/60";
  }
  SUBCASE("a length that would overflow") {
    append(inside, Bytes{0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
    append(inside, field(1, as_bytes(std::string_view("late"))));
    told = "large 0:/60";
  }
  SUBCASE("a varint that does not end") {
    append(inside, Bytes{0x30, 0xff});
    told = "large 0:/60";
  }
  Bytes wire = field(2, inside);
  append(wire, field(2, field(1, as_bytes(std::string_view("next")))));
  for (const std::size_t piece : {1u, 10u, 100'000u}) {
    CAPTURE(piece);
    Recorder recorder;
    parse(recorder, wire, piece, {.conversation_bytes = 5000});
    CHECK(recorder.seen == std::vector<std::string>{told, "1:next/0"});
  }
}

TEST_CASE("limits of the whole end the parsing") {
  const std::string wire = sample().SerializeAsString();
  Recorder recorder;
  CHECK_THROWS_AS(parse(recorder, as_bytes(wire), 10, ParserLimits{.total_bytes = 100}), Error);
  CHECK_THROWS_AS(parse(recorder, as_bytes(wire), 10, ParserLimits{.parts = 3}), Error);
}

TEST_CASE("what is no protobuf is a protocol error") {
  const std::vector<std::string> garbage{
      std::string(1, '\0'),                    // field 0
      "\x13\x14",                              // a group
      std::string(11, '\xff'),                 // an endless varint
      "\x12\xff\xff\xff\xff\xff\xff\xff\x7f",  // a length beyond every bound
      "\x17",                                  // wire type 7
  };
  for (const std::string& wire : garbage) {
    CAPTURE(wire.size());
    Recorder recorder;
    CHECK_THROWS_AS(parse(recorder, as_bytes(wire), 1), Error);
  }
}

}  // namespace parser_test
