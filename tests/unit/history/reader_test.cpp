#include "history/reader.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/inflate.h"
#include "unit/history/synthetic.h"

namespace reader_test {

using namespace wasync;
using synthetic::add_conversation;
using synthetic::add_text;
using synthetic::kDay0;

namespace {

ReadOptions read_options() {
  return {.own = synthetic::kOwn, .sync_type = pb::HISTORY_SYNC_RECENT, .now = {kDay0 + 100}};
}

struct Describe {
  std::string operator()(const ConversationEvent& event) const {
    return "chat " + event.conversation.chat.to_string();
  }
  std::string operator()(const MessageEvent& event) const {
    const auto* message = std::get_if<Message>(&event.entry);
    return message == nullptr ? "no message" : "message " + message->key.id;
  }
  std::string operator()(const StatusEvent& event) const { return "status " + event.push_name; }
  std::string operator()(const PushNameEvent& event) const { return "name " + event.push_name; }
  std::string operator()(const BusinessNameEvent& event) const { return "business " + event.name; }
  std::string operator()(const LidMapping& mapping) const {
    return "lid " + mapping.lid.to_string();
  }
  std::string operator()(const Contact& contact) const { return "contact " + contact.saved_name; }
  std::string operator()(const TooLargeEvent&) const { return "too large"; }
  std::string operator()(const DamageEvent&) const { return "damage"; }
};

using Read = ChunkHeader (*)(const ChunkSource&, const ReadOptions&, const EventSink&);

std::vector<std::string> events_of(Read read, const ChunkSource& source,
                                   const ReadOptions& options = read_options()) {
  std::vector<std::string> out;
  read(source, options, [&](HistoryEvent& event) { out.push_back(std::visit(Describe{}, event)); });
  return out;
}

}  // namespace

TEST_CASE("a chunk is told in its own order") {
  pb::HistorySync history;
  auto& ana = add_conversation(history, "40711111111@s.whatsapp.net");
  add_text(ana, "A2", "doi", kDay0).set_verified_biz_name("Ana SRL");
  add_text(ana, "A1", "unu", kDay0).set_verified_biz_name("Ana veche SRL");
  add_text(add_conversation(history, "status@broadcast"), "S", "s", kDay0);
  auto& mapping = *history.add_phone_number_to_lid_mappings();
  mapping.set_lid_jid("7@lid");
  mapping.set_pn_jid("40711111111@s.whatsapp.net");
  const std::vector<std::string> expected{
      "chat 40711111111@s.whatsapp.net", "business Ana SRL", "message A2", "message A1",
      "chat status@broadcast",           "lid 7@lid"};
  CHECK(events_of(read_history, synthetic::source_of(history)) == expected);
  CHECK(events_of(read_history_ahead, synthetic::source_of(history)) == expected);
}

TEST_CASE("a message's telling stands for its bytes, wherever they come") {
  const auto telling = [](std::uint64_t place, const std::string& body) {
    pb::HistorySync history;
    auto& ana = add_conversation(history, "40711111111@s.whatsapp.net");
    add_text(ana, "A1", body, kDay0);
    ana.mutable_messages(0)->set_msg_order_id(place);
    std::uint64_t out = 0;
    read_history(synthetic::source_of(history), read_options(), [&out](HistoryEvent& event) {
      if (const auto* said = std::get_if<MessageEvent>(&event))
        out = std::get<Message>(said->entry).telling;
    });
    return out;
  };
  CHECK(telling(1, "unu") != 0);
  CHECK(telling(1, "unu") == telling(70'000, "unu"));
  CHECK(telling(1, "unu") != telling(1, "uno"));
}

TEST_CASE("only the wanted conversations are told") {
  const ChunkSource source = synthetic::source_of(synthetic::many(5, 1));
  const std::vector<std::uint64_t> wanted{1, 4};
  ReadOptions options = read_options();
  options.only = &wanted;
  CHECK(events_of(read_history, source, options) ==
        std::vector<std::string>{"chat 40710000001@s.whatsapp.net", "message 3A1X0",
                                 "chat 40710000004@s.whatsapp.net", "message 3A4X0"});
}

TEST_CASE("reading ahead tells the same, also when bodies are large or events many") {
  pb::HistorySync history = synthetic::many(50, 40);
  auto& large = add_conversation(history, "40722222222@s.whatsapp.net");
  for (int i = 0; i < 40; ++i) add_text(large, std::to_string(i), std::string(100'000, 'x'), kDay0);
  const ChunkSource source = synthetic::source_of(history);
  CHECK(events_of(read_history_ahead, source) == events_of(read_history, source));

  ChunkHeader header = read_history_ahead(source, read_options(), [](HistoryEvent&) {});
  CHECK(header.progress == 100);
  CHECK(header.sync_type == pb::HISTORY_SYNC_RECENT);
}

TEST_CASE("what came before the damage is told first") {
  const Bytes whole = synthetic::compressed(synthetic::many(100, 20));
  const Bytes cut(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(whole.size() / 3));
  std::size_t told = 0;
  try {
    read_history_ahead(chunk_source(cut), read_options(), [&](HistoryEvent&) { ++told; });
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kProtocol);
  }
  std::size_t told_in_place = 0;
  CHECK_THROWS_AS(
      read_history(chunk_source(cut), read_options(), [&](HistoryEvent&) { ++told_in_place; }),
      Error);
  CHECK(told == told_in_place);
  CHECK(told > 500);
}

TEST_CASE("a sink that gives up ends the reading thread, at once or late") {
  const ChunkSource source = synthetic::source_of(synthetic::many(200, 20));
  for (const int stop_at : {1, 63, 64, 65, 1000, 4000}) {
    int told = 0;
    CHECK_THROWS_AS(read_history_ahead(source, read_options(),
                                       [&](HistoryEvent&) {
                                         if (++told == stop_at) throw std::runtime_error("enough");
                                       }),
                    std::runtime_error);
    CHECK(told == stop_at);
  }
}

TEST_CASE("a source that fails is reported, not lost in the thread") {
  const ChunkSource failing = [](const ByteSink&) { throw Error(ErrorCode::kIo, "disk"); };
  CHECK_THROWS_AS(read_history_ahead(failing, read_options(), [](HistoryEvent&) {}), Error);
}

namespace {

// A little of everything that can be mapped.
pb::HistorySync rich() {
  pb::HistorySync history = synthetic::many(3, 3);
  auto& chat = add_conversation(history, "7@lid");
  chat.set_pn_jid("40711111111@s.whatsapp.net");
  const auto add = [&]() -> pb::Message& {
    auto& info = add_text(chat, "X", "", kDay0);
    info.set_participant("40733333333@s.whatsapp.net");
    info.add_reactions()->set_text("!");
    info.mutable_message()->Clear();
    return *info.mutable_message();
  };
  add().mutable_image()->set_caption("c");
  add().mutable_view_once()->mutable_message()->mutable_video()->set_mimetype("video/mp4");
  auto& reply = *add().mutable_extended_text();
  reply.mutable_context_info()->set_stanza_id("Q");
  reply.mutable_context_info()->mutable_quoted_message()->set_conversation("q");
  add().mutable_poll_creation_v3()->add_options()->set_option_name("o");
  add().mutable_protocol_message()->set_type(pb::ProtocolMessage::PROTOCOL_REVOKE);
  add().mutable_reaction()->mutable_key()->set_id("T");
  add().mutable_interactive()->mutable_header()->mutable_document()->set_title("d");
  add().mutable_contacts_array()->add_contacts()->set_display_name("n");
  history.add_pushnames()->set_id("40711111111@s.whatsapp.net");
  history.add_inline_contacts()->set_lid_jid("9@lid");
  history.add_status_v3_messages()->set_push_name("p");
  return history;
}

}  // namespace

TEST_CASE("arbitrary damage does no more than fail") {
  const std::string whole = rich().SerializeAsString();
  std::uint64_t state = 1;
  const auto random = [&](std::size_t limit) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % limit;
  };
  int survived = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string wire = whole;
    for (std::size_t changes = 1 + random(4); changes > 0; --changes) {
      switch (random(3)) {
        case 0: wire[random(wire.size())] ^= static_cast<char>(1 << random(8)); break;
        case 1: wire.erase(random(wire.size()), 1 + random(3)); break;
        default: wire.insert(random(wire.size()), 1 + random(3), static_cast<char>(random(256)));
      }
    }
    try {
      read_history(chunk_source(deflate(as_bytes(wire))), read_options(), [](HistoryEvent&) {});
      ++survived;
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kProtocol);
    }
  }
  CHECK(survived > 300);  // much of the damage costs single parts only
}

TEST_CASE("the notification's time stands in only when it is plausible") {
  pb::HistorySync history;
  auto& chat = add_conversation(history, "40711111111@s.whatsapp.net", 0);
  add_text(chat, "A", "fara ora", 0);
  for (const auto& [oldest, expected] :
       {std::pair{kDay0 - 9, "message A"}, std::pair{std::int64_t{-1}, "no message"},
        std::pair{std::int64_t{1}, "no message"}}) {
    ReadOptions options = read_options();
    options.oldest_message_at = {oldest};
    CHECK(events_of(read_history, synthetic::source_of(history), options).at(1) == expected);
  }
}

}  // namespace reader_test
