#include "session/connection/stream.h"

#include <algorithm>

#include "unit/session/server.h"

namespace stream_test {

using namespace wasync;
using namespace wasync::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

Node query_of(std::string kind) {
  return Node("iq", {{"to", server_jid()}, {"type", "get"}, {"xmlns", std::move(kind)}});
}

// Both ends of one connection; the client's stream runs until the test ends.
struct Link {
  Server server;
  std::unique_ptr<Connection> remote;
  std::shared_ptr<Stream> stream;
  std::vector<Node> handled;
  std::function<void(const Node&)> handler = [this](const Node& node) { handled.push_back(node); };
  Stream::GroupHandler group_handler;  // in place of `handler`
  std::shared_ptr<testing::Outcome<testing::Nothing>> running;

  explicit Link(StreamTimings timings = {}) {
    auto accepting = server.loop.spawn(server.accept());
    auto dialled = server.loop.run(Connection::connect(server.endpoint(), KeyPair::generate(),
                                                       to_bytes("payload"), kPatience));
    remote = server.loop.finish(accepting);
    stream = std::make_shared<Stream>(server.loop.io.get_executor(), std::move(dialled), timings);
    running = server.loop.spawn(stream->run_groups([this](std::span<Node> group) {
      if (group_handler) return group_handler(group);
      for (const Node& node : group) handler(node);
    }));
  }
  ~Link() {
    stream->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "over")));
    server.loop.run_until([&] { return running->done; });
  }

  Node next() { return server.loop.run(remote->receive()); }
  void say(Node node) { server.loop.run(remote->send(node)); }
  // Until the client has handled everything said before.
  void settle() {
    auto ping = server.loop.spawn(stream->ping());
    say(result_of(next()));
    server.loop.finish(ping);
  }
  ErrorCode end() {
    return code_of([&] { server.loop.finish(running); });
  }
};

}  // namespace

TEST_CASE("answers find their queries in whatever order they come") {
  Link link;
  auto first = link.server.loop.spawn(link.stream->query(query_of("one")));
  auto second = link.server.loop.spawn(link.stream->query(query_of("two")));
  const Node one = link.next();
  const Node two = link.next();
  CHECK(one.text("xmlns") == "one");
  CHECK(one.text("id") != two.text("id"));
  link.say(result_of(two, {Node("b")}));
  link.say(result_of(one, {Node("a")}));
  CHECK(link.server.loop.finish(first).child("a") != nullptr);
  CHECK(link.server.loop.finish(second).child("b") != nullptr);
  CHECK(link.handled.empty());
}

TEST_CASE("an error answer is an Error, and the stream goes on") {
  Link link;
  auto asked = link.server.loop.spawn(link.stream->query(query_of("encrypt")));
  link.say(error_to(link.next(), "406"));
  CHECK(code_of([&] { link.server.loop.finish(asked); }) == ErrorCode::kServerRefused);
  CHECK(link.stream->is_open());
}

TEST_CASE("only whom a query is for can answer it") {
  Link link;
  auto asked = link.server.loop.spawn(link.stream->query(query_of("w:m")));
  const Node iq = link.next();
  Node forged = result_of(iq, {Node("forged")});
  forged.set("from", Jid::parse("40722000000@s.whatsapp.net").value());
  link.say(forged);
  forged.set("from", std::string("not a jid/"));
  link.say(forged);
  Node bare = result_of(iq, {Node("genuine")});
  std::erase_if(bare.attributes, [](const auto& each) { return each.first == "from"; });
  link.say(bare);  // nobody is named: it is from the server
  CHECK(link.server.loop.finish(asked).child("genuine") != nullptr);
  CHECK(link.handled.size() == 2);
}

TEST_CASE("a query without answer fails in time, and a late answer is no trouble") {
  Link link({.iq_timeout = 30ms});
  auto asked = link.server.loop.spawn(link.stream->query(query_of("w:m")));
  const Node iq = link.next();
  CHECK(code_of([&] { link.server.loop.finish(asked); }) == ErrorCode::kTimeout);
  link.say(result_of(iq));
  link.server.loop.run_until([&] { return !link.handled.empty(); });
  CHECK(link.stream->is_open());
}

TEST_CASE("the end of the connection fails open queries, and later ones at once") {
  Link link;
  auto asked = link.server.loop.spawn(link.stream->query(query_of("w:m")));
  link.next();
  link.remote->close();
  CHECK(code_of([&] { link.server.loop.finish(asked); }) == ErrorCode::kNetwork);
  CHECK(link.end() == ErrorCode::kNetwork);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(code_of([&] { link.server.loop.run(link.stream->query(query_of("w:m"))); }) ==
        ErrorCode::kNetwork);
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
  link.stream->send(Node("receipt"));  // goes nowhere, harms nobody
}

TEST_CASE("sends keep their order") {
  Link link;
  for (int i = 0; i < 200; ++i) link.stream->send(Node("ack", {{"id", std::to_string(i)}}));
  for (int i = 0; i < 200; ++i) CHECK(link.next().text("id") == std::to_string(i));
}

TEST_CASE("what the server says last is why the stream ends") {
  Link link;
  SUBCASE("also when we were sending while it hung up") {
    link.handler = [&](const Node& node) {
      for (int i = 0; i < 20; ++i) link.stream->send(node);
    };
    for (int i = 0; i < 50; ++i) link.say(Node("notification", {{"id", std::to_string(i)}}));
    const Node removed("conflict", {{"type", "device_removed"}});
    link.say(Node("stream:error", {{"code", "401"}}, std::vector<Node>{removed}));
    link.remote->abort();
    CHECK(link.end() == ErrorCode::kLoggedOut);
    CHECK_FALSE(link.stream->restart_demanded());
  }
  SUBCASE("a demanded restart is told apart") {
    link.say(Node("stream:error", {{"code", "515"}}));
    CHECK(link.end() == ErrorCode::kNetwork);
    CHECK(link.stream->restart_demanded());
  }
  SUBCASE("nothing: the connection broke") {
    link.remote->abort();
    const ErrorCode code = link.end();
    CHECK((code == ErrorCode::kNetwork));
  }
  SUBCASE("unless we closed first") {
    link.stream->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "first")));
    link.stream->close(std::make_exception_ptr(Error(ErrorCode::kTimeout, "second")));
    CHECK(link.end() == ErrorCode::kInterrupted);
  }
}

TEST_CASE("what the handler throws ends the stream, and what follows is not handled") {
  Link link;
  int handled = 0;
  link.handler = [&](const Node&) {
    ++handled;
    throw Error(ErrorCode::kStore, "the disk is full");
  };
  link.say(Node("message", {{"id", "1"}}));
  link.say(Node("message", {{"id", "2"}}));
  CHECK(link.end() == ErrorCode::kStore);
  CHECK(handled == 1);
  CHECK(code_of([&] { link.next(); }) == ErrorCode::kNetwork);  // and nothing was sent
}

TEST_CASE("the last words are sent before the stream closes") {
  Link link;
  link.stream->close_after(Node("iq", {{"id", "refusal"}}),
                           std::make_exception_ptr(Error(ErrorCode::kPairingFailed, "no")));
  CHECK(link.next().text("id") == "refusal");
  CHECK(link.end() == ErrorCode::kPairingFailed);
}

TEST_CASE("keep-alive") {
  const StreamTimings quick{
      .iq_timeout = 10s, .keep_alive_min = 5ms, .keep_alive_max = 10ms, .keep_alive_timeout = 60ms};
  Link link(quick);
  int alive = 0;
  auto keeping = link.server.loop.spawn(link.stream->keep_alive([&] { ++alive; }));
  SUBCASE("pings again and again, also after an error answer") {
    for (int i = 0; i < 3; ++i) {
      const Node ping = link.next();
      CHECK(ping.text("xmlns") == "w:p");
      link.say(i == 1 ? error_to(ping, "501") : result_of(ping));
    }
    link.server.loop.run_until([&] { return alive >= 3; });
    CHECK(link.stream->is_open());
  }
  SUBCASE("ends a stream on which nothing comes any more") {
    link.next();
    CHECK(link.end() == ErrorCode::kTimeout);
    CHECK(alive == 0);
  }
  SUBCASE("takes other traffic for a sign of life") {
    auto chatter = [](Link& here) -> asio::awaitable<void> {
      for (int i = 0; i < 30; ++i) {
        const Node node("message", {{"id", std::to_string(i)}});
        co_await here.remote->send(node);
        co_await here.server.pause(10ms);
      }
    };
    link.server.loop.run(chatter(link));
    CHECK(alive > 0);
    CHECK(link.stream->is_open());
  }
  link.stream->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "over")));
  link.server.loop.finish(keeping);
}

TEST_CASE("what has come already is handed over together, in order and in bounded portions") {
  Link link;
  std::vector<std::size_t> portions;
  link.group_handler = [&](std::span<const Node> group) {
    portions.push_back(group.size());
    for (const Node& node : group) link.handled.push_back(node);
  };
  const auto received = [&](std::size_t count) {
    link.server.loop.run_until([&] { return link.handled.size() >= count; });
  };
  SUBCASE("many small ones") {
    for (int i = 0; i < 300; ++i) {
      link.server.loop.spawn(link.remote->send(Node("message", {{"id", std::to_string(i)}})));
    }
    received(300);
    for (int i = 0; i < 300; ++i)
      CHECK(link.handled[static_cast<std::size_t>(i)].text("id") == std::to_string(i));
    CHECK(*std::max_element(portions.begin(), portions.end()) <= 256);
    CHECK(portions.size() < 100);
  }
  SUBCASE("large ones") {
    for (int i = 0; i < 8; ++i) {
      link.server.loop.spawn(link.remote->send(Node("message", {}, Bytes(600'000, 1))));
    }
    received(8);
    CHECK(*std::max_element(portions.begin(), portions.end()) <= 2);
  }
  SUBCASE("an answer behind others is no answer before they are handled") {
    auto asked = link.server.loop.spawn(link.stream->query(query_of("w:m")));
    const Node iq = link.next();
    for (const char* id : {"1", "2"}) {
      link.server.loop.spawn(link.remote->send(Node("message", {{"id", id}})));
    }
    link.server.loop.spawn(link.remote->send(result_of(iq)));
    link.server.loop.finish(asked);
    CHECK(link.handled.size() == 2);
  }
  SUBCASE("the end of the stream ends it behind what came before") {
    for (const char* id : {"1", "2"}) {
      link.server.loop.spawn(link.remote->send(Node("message", {{"id", id}})));
    }
    link.server.loop.spawn(link.remote->send(Node("stream:error", {{"code", "515"}})));
    CHECK(link.end() == ErrorCode::kNetwork);
    CHECK(link.handled.size() == 2);
    CHECK(link.stream->restart_demanded());
  }
}

}  // namespace stream_test
