#include "wire/connection.h"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include "loopback.h"
#include "wire/frame.h"
#include "wire/node_codec.h"
#include "wire/noise.h"

namespace connection_test {

using namespace wasync;
using namespace wasync::testing;
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 20s;

using Link = std::unique_ptr<Connection>;

struct Setup {
  Loop loop;
  Listener listener{loop.io};
  KeyPair root = KeyPair::generate();
  KeyPair client_key = KeyPair::generate();
  ServerIdentity identity = identify(KeyPair::generate());
  Link client;
  Link server;

  ServerIdentity identify(const KeyPair& key, const CertificateChainOptions& options = {}) const {
    return {key, make_certificate_chain(root, key.public_key, options)};
  }
  Endpoint endpoint() const { return {.url = listener.url(), .root_key = root.public_key}; }
  asio::awaitable<Link> dial(std::chrono::milliseconds timeout = kPatience) {
    return Connection::connect(endpoint(), client_key, to_bytes("payload"), timeout);
  }
  asio::awaitable<Link> serve(std::chrono::milliseconds timeout = kPatience) {
    auto socket = co_await listener.acceptor.async_accept(asio::use_awaitable);
    co_return co_await Connection::accept(std::move(socket), identity, timeout);
  }
  asio::awaitable<std::unique_ptr<WebSocket>> serve_raw() {
    auto socket = co_await listener.acceptor.async_accept(asio::use_awaitable);
    co_return co_await accept_websocket(std::move(socket),
                                        std::chrono::steady_clock::now() + kPatience);
  }
  void connect() {
    auto serving = loop.spawn(serve());
    client = loop.run(dial());
    server = loop.finish(serving);
  }
};

Node node(std::string id) {
  Node out("iq");
  out.set("id", std::move(id));
  return out;
}

asio::awaitable<Bytes> read_frame(WebSocket& socket, FrameReader& reader) {
  while (true) {
    if (auto frame = reader.next()) co_return std::move(*frame);
    const Bytes piece = co_await socket.read();
    reader.feed(piece);
  }
}

asio::awaitable<void> write_frame(WebSocket& socket, BytesView payload) {
  Bytes message;
  append_frame(message, payload);
  co_await socket.write(message);
}

// A server whose hello is spoilt by `spoil`; ends when the client goes away.
template <class Spoil>
asio::awaitable<void> spoilt_server(Setup& setup, Spoil spoil) {
  auto socket = co_await setup.serve_raw();
  FrameReader reader = FrameReader::after_intro();
  NoiseResponder noise(setup.identity.noise_static);
  const Bytes hello = co_await read_frame(*socket, reader);
  noise.read_client_hello(hello);
  Bytes answer = noise.server_hello(setup.identity.certificate_chain);
  spoil(answer);
  co_await write_frame(*socket, answer);
  const Bytes more = co_await read_frame(*socket, reader);
  FAIL_CHECK("the client went on");
}

// A server that speaks WebSocket and Noise by hand, for what Connection never does.
struct RawServer {
  std::unique_ptr<WebSocket> socket;
  std::optional<TransportCiphers> ciphers;
};
asio::awaitable<RawServer> raw_server(Setup& setup) {
  auto socket = co_await setup.serve_raw();
  FrameReader reader = FrameReader::after_intro();
  NoiseResponder noise(setup.identity.noise_static);
  const Bytes hello = co_await read_frame(*socket, reader);
  noise.read_client_hello(hello);
  const Bytes answer = noise.server_hello(setup.identity.certificate_chain);
  co_await write_frame(*socket, answer);
  const Bytes finish = co_await read_frame(*socket, reader);
  noise.read_client_finish(finish);
  co_return RawServer{std::move(socket), noise.transport()};
}

}  // namespace

TEST_CASE("both sides know each other after the handshake and exchange nodes") {
  Setup setup;
  setup.connect();
  CHECK(setup.client->peer_static() == setup.identity.noise_static.public_key);
  CHECK(setup.server->peer_static() == setup.client_key.public_key);
  CHECK(to_string(setup.server->client_payload()) == "payload");
  setup.loop.run(setup.client->send(node("up")));
  CHECK(setup.loop.run(setup.server->receive()) == node("up"));
  setup.loop.run(setup.server->send(node("down")));
  CHECK(setup.loop.run(setup.client->receive()) == node("down"));
}

TEST_CASE("a server that does not prove itself is not trusted") {
  Setup setup;
  SUBCASE("another root signed its certificates") {
    setup.root = KeyPair::generate();
  }
  SUBCASE("its certificate has expired") {
    const CertificateChainOptions expired{.not_after = {1'600'000'000}};
    setup.identity = setup.identify(setup.identity.noise_static, expired);
  }
  SUBCASE("its certificate is for another key") {
    setup.identity.noise_static = KeyPair::generate();
  }
  SUBCASE("its certificate chain is garbage") {
    setup.identity.certificate_chain = {1, 2, 3};
  }
  SUBCASE("its certificate chain has a wrong signature") {
    setup.identity.certificate_chain.back() ^= 1;
  }
  auto serving = setup.loop.spawn(setup.serve());
  CHECK(code_of([&] { setup.loop.run(setup.dial()); }) == ErrorCode::kServerUntrusted);
  // The client has not said who it is.
  CHECK(code_of([&] { setup.loop.finish(serving); }) == ErrorCode::kNetwork);
}

TEST_CASE("a server's hello that was tampered with is refused") {
  for (const std::size_t position : {0U, 3U, 10U, 36U, 50U, 90U, 150U, 300U}) {
    Setup setup;
    auto serving = setup.loop.spawn(
        spoilt_server(setup, [position](Bytes& hello) { hello.at(position) ^= 4; }));
    CHECK(code_of([&] { setup.loop.run(setup.dial()); }) == ErrorCode::kProtocol);
    CHECK(code_of([&] { setup.loop.finish(serving); }) == ErrorCode::kNetwork);
  }
}

TEST_CASE("a client's finish that was tampered with is refused") {
  for (const std::size_t position : {0U, 3U, 10U, 60U, 65U}) {
    Setup setup;
    auto serving = setup.loop.spawn(setup.serve());
    const auto bad_client = [&]() -> asio::awaitable<void> {
      DialOptions options;
      auto socket = co_await dial_websocket(setup.listener.url(), options,
                                            std::chrono::steady_clock::now() + kPatience);
      NoiseInitiator noise(setup.client_key);
      Bytes first = intro_with_routing({});
      append_frame(first, noise.client_hello());
      co_await socket->write(first);
      FrameReader reader;
      const Bytes answer = co_await read_frame(*socket, reader);
      noise.read_server_hello(answer);
      Bytes finish = noise.client_finish(to_bytes("payload"));
      finish.at(position) ^= 4;
      co_await write_frame(*socket, finish);
      co_await socket->read();
    };
    auto dialling = setup.loop.spawn(bad_client());
    CHECK(code_of([&] { setup.loop.finish(serving); }) == ErrorCode::kProtocol);
    CHECK(code_of([&] { setup.loop.finish(dialling); }) == ErrorCode::kNetwork);
  }
}

TEST_CASE("a handshake has one deadline") {
  Setup setup;
  SUBCASE("the server never answers TCP with anything") {
    CHECK(code_of([&] { setup.loop.run(setup.dial(50ms)); }) == ErrorCode::kTimeout);
  }
  SUBCASE("the server upgrades and then says nothing") {
    auto serving = setup.loop.spawn(setup.serve_raw());
    auto dialling = setup.loop.spawn(setup.dial(200ms));
    const auto socket = setup.loop.finish(serving);
    CHECK(code_of([&] { setup.loop.finish(dialling); }) == ErrorCode::kTimeout);
  }
  SUBCASE("the client never upgrades") {
    asio::ip::tcp::socket idle(setup.loop.io);
    idle.connect(setup.listener.acceptor.local_endpoint());
    CHECK(code_of([&] { setup.loop.run(setup.serve(50ms)); }) == ErrorCode::kTimeout);
  }
}

TEST_CASE("nodes sent by many coroutines at once arrive in the order of the calls") {
  Setup setup;
  setup.connect();
  std::vector<std::string> called;
  const auto sender = [&](int which) -> asio::awaitable<void> {
    for (int i = 0; i < 100; ++i) {
      const std::string id = std::to_string(which) + "." + std::to_string(i);
      called.push_back(id);
      const Node next = node(id);
      co_await setup.client->send(next);
    }
  };
  std::vector<std::shared_ptr<Outcome<Nothing>>> senders;
  for (int which = 0; which < 10; ++which) senders.push_back(setup.loop.spawn(sender(which)));
  std::vector<std::string> got;
  while (got.size() < 1000) got.push_back(setup.loop.run(setup.server->receive()).text("id"));
  for (auto& each : senders) setup.loop.finish(each);
  CHECK(got == called);
}

TEST_CASE("a node is sent as it was at the call") {
  Setup setup;
  setup.connect();
  auto sending = setup.client->send(node("temporary"));
  setup.loop.run(std::move(sending));
  CHECK(setup.loop.run(setup.server->receive()) == node("temporary"));
}

TEST_CASE("frames split at every byte and merged ones are understood") {
  Setup setup;
  auto serving = setup.loop.spawn(raw_server(setup));
  setup.client = setup.loop.run(setup.dial());
  RawServer server = setup.loop.finish(serving);
  const auto piecewise = [&]() -> asio::awaitable<void> {
    Bytes stream;
    append_frame(stream, server.ciphers->send.encrypt(encode_node(node("slow"))));
    for (const std::uint8_t byte : stream) co_await server.socket->write({&byte, 1});
    stream.clear();
    append_frame(stream, server.ciphers->send.encrypt(encode_node(node("a"))));
    append_frame(stream, server.ciphers->send.encrypt(encode_node(node("b"))));
    co_await server.socket->write(stream);
  };
  setup.loop.run(piecewise());
  CHECK(setup.loop.run(setup.client->receive()) == node("slow"));
  CHECK(setup.loop.run(setup.client->receive()) == node("a"));
  CHECK(setup.loop.run(setup.client->receive()) == node("b"));
}

TEST_CASE("nodes nearly as long as a frame pass; longer ones are refused at once") {
  Setup setup;
  setup.connect();
  const Node large("message", {}, Bytes(kMaxFrameSize - 100, 7));
  auto sending = setup.loop.spawn(setup.client->send(large));
  CHECK(setup.loop.run(setup.server->receive()) == large);
  setup.loop.finish(sending);
  const Node too_large("message", {}, Bytes(kMaxFrameSize, 7));
  CHECK(code_of([&] { setup.loop.run(setup.client->send(too_large)); }) == ErrorCode::kProtocol);
  setup.loop.run(setup.client->send(node("still works")));
  CHECK(setup.loop.run(setup.server->receive()) == node("still works"));
}

TEST_CASE("a frame that does not decrypt ends the connection") {
  Setup setup;
  auto serving = setup.loop.spawn(raw_server(setup));
  setup.client = setup.loop.run(setup.dial());
  RawServer server = setup.loop.finish(serving);
  Bytes frame = server.ciphers->send.encrypt(encode_node(node("a")));
  frame.at(2) ^= 1;
  setup.loop.run(write_frame(*server.socket, frame));
  CHECK(code_of([&] { setup.loop.run(setup.client->receive()); }) == ErrorCode::kProtocol);
  CHECK_FALSE(setup.client->is_open());
  CHECK(code_of([&] { setup.loop.run(setup.client->receive()); }) == ErrorCode::kProtocol);
}

TEST_CASE("a node that is not one costs only itself") {
  Setup setup;
  auto serving = setup.loop.spawn(raw_server(setup));
  setup.client = setup.loop.run(setup.dial());
  RawServer server = setup.loop.finish(serving);
  setup.loop.run(write_frame(*server.socket, server.ciphers->send.encrypt(Bytes{0, 248})));
  setup.loop.run(write_frame(*server.socket, server.ciphers->send.encrypt(encode_node(node("b")))));
  CHECK(code_of([&] { setup.loop.run(setup.client->receive()); }) == ErrorCode::kProtocol);
  CHECK(setup.client->is_open());
  CHECK(setup.loop.run(setup.client->receive()) == node("b"));
}

TEST_CASE("what a peer sent before it closed is still delivered") {
  Setup setup;
  setup.connect();
  setup.loop.run(setup.server->send(node("1")));
  setup.loop.run(setup.server->send(node("2")));
  setup.server->close();
  setup.loop.run_until([&] { return !setup.client->is_open(); });
  CHECK(setup.loop.run(setup.client->receive()) == node("1"));
  CHECK(setup.loop.run(setup.client->receive()) == node("2"));
  CHECK(code_of([&] { setup.loop.run(setup.client->receive()); }) == ErrorCode::kNetwork);
}

TEST_CASE("a frame cut short by the end of the connection is reported as such") {
  Setup setup;
  auto serving = setup.loop.spawn(raw_server(setup));
  setup.client = setup.loop.run(setup.dial());
  RawServer server = setup.loop.finish(serving);
  setup.loop.run(server.socket->write(Bytes{0, 1, 0, 5, 5}));
  setup.loop.run(server.socket->close());
  try {
    setup.loop.run(setup.client->receive());
    FAIL_CHECK("received something");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNetwork);
    CHECK(std::string(error.what()).find("middle of a frame") != std::string::npos);
  }
}

TEST_CASE("closing wakes who waits, on both sides, and can be repeated") {
  Setup setup;
  setup.connect();
  auto here = setup.loop.spawn(setup.client->receive());
  auto there = setup.loop.spawn(setup.server->receive());
  SUBCASE("politely") {
    setup.client->close();
    setup.client->close();
  }
  SUBCASE("abruptly") {
    setup.client->abort();
    setup.client->abort();
  }
  SUBCASE("by destruction") {
    setup.client.reset();
  }
  SUBCASE("politely, then by destruction") {
    setup.client->close();
    setup.client.reset();
  }
  CHECK(code_of([&] { setup.loop.finish(here); }) == ErrorCode::kNetwork);
  CHECK(code_of([&] { setup.loop.finish(there); }) == ErrorCode::kNetwork);
  if (setup.client) {
    CHECK_FALSE(setup.client->is_open());
    CHECK(code_of([&] { setup.loop.run(setup.client->receive()); }) == ErrorCode::kNetwork);
    CHECK(code_of([&] { setup.loop.run(setup.client->send(node("x"))); }) == ErrorCode::kNetwork);
  }
}

TEST_CASE("a goodbye does not wait for a peer that has stopped listening") {
  Setup setup;
  auto serving = setup.loop.spawn(raw_server(setup));
  setup.client = setup.loop.run(setup.dial());
  const RawServer deaf = setup.loop.finish(serving);
  auto waiting = setup.loop.spawn(setup.client->receive());
  setup.client->close();
  CHECK(code_of([&] { setup.loop.finish(waiting); }) == ErrorCode::kNetwork);
  // Nothing is left running once the second for the goodbye is over.
  const auto start = std::chrono::steady_clock::now();
  setup.loop.io.restart();
  setup.loop.io.run_for(kPatience);
  CHECK(setup.loop.io.stopped());
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("a receiver that lags slows the sender down and loses nothing") {
  Setup setup;
  setup.connect();
  constexpr int kCount = 100;
  int sent = 0;
  const auto sender = [&]() -> asio::awaitable<void> {
    for (; sent < kCount; ++sent) {
      const Node large("message", {{"id", std::to_string(sent)}}, Bytes(1024 * 1024, 7));
      co_await setup.client->send(large);
    }
  };
  auto sending = setup.loop.spawn(sender());
  // With nothing read, everything comes to a halt before all is sent.
  setup.loop.io.restart();
  while (setup.loop.io.run_one_for(200ms) > 0) {
  }
  CHECK(sent >= 32);
  CHECK(sent < kCount - 1);
  for (int i = 0; i < kCount; ++i) {
    const Node got = setup.loop.run(setup.server->receive());
    CHECK(got.text("id") == std::to_string(i));
  }
  setup.loop.finish(sending);
}

// Cancellation and a node reach the waiting receive() in one and the same turn of the event
// loop, in this order. For that the two ends live on loops of their own.
TEST_CASE("a receive that is cancelled takes no node") {
  Loop here;
  Setup setup;
  auto serving = setup.loop.spawn(setup.serve());
  auto dialling = here.spawn(setup.dial());
  setup.loop.run_until([&] {
    here.io.restart();
    here.io.poll();
    asio::post(setup.loop.io, [] {});  // keeps this loop turning
    return serving->done && dialling->done;
  });
  const Link client = dialling->take();
  setup.server = serving->take();

  asio::cancellation_signal signal;
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(here.io, client->receive(),
                 asio::bind_cancellation_slot(signal.slot(),
                                              [&](const std::exception_ptr& thrown, const Node&) {
                                                done = true;
                                                failure = thrown;
                                              }));
  asio::local::stream_protocol::socket trigger(here.io);
  asio::local::stream_protocol::socket waiting(here.io);
  asio::local::connect_pair(trigger, waiting);
  waiting.async_wait(asio::socket_base::wait_read, [&](const boost::system::error_code&) {
    signal.emit(asio::cancellation_type::all);
  });
  here.io.restart();
  here.io.poll();
  REQUIRE_FALSE(done);

  const Bytes pulse{1};
  trigger.send(asio::buffer(pulse));
  setup.loop.run(setup.server->send(node("x")));
  here.run_until([&] { return done; });
  CHECK_THROWS_AS(std::rethrow_exception(failure ? failure : std::make_exception_ptr(0)),
                  boost::system::system_error);
  CHECK(here.run(client->receive()) == node("x"));
}

TEST_CASE("after close() nothing is delivered any more") {
  Setup setup;
  auto serving = setup.loop.spawn(raw_server(setup));
  setup.client = setup.loop.run(setup.dial());
  RawServer server = setup.loop.finish(serving);
  Bytes both;  // in one message, so that the second has arrived when the first has
  append_frame(both, server.ciphers->send.encrypt(encode_node(node("a"))));
  append_frame(both, server.ciphers->send.encrypt(encode_node(node("b"))));
  setup.loop.run(server.socket->write(both));
  CHECK(setup.loop.run(setup.client->receive()) == node("a"));
  setup.client->close();
  CHECK(code_of([&] { setup.loop.run(setup.client->receive()); }) == ErrorCode::kNetwork);
}

TEST_CASE("sending to a peer that does not read waits, and fails when the queue is full") {
  Setup setup;
  auto serving = setup.loop.spawn(raw_server(setup));
  setup.client = setup.loop.run(setup.dial());
  const RawServer deaf = setup.loop.finish(serving);
  const Node large("message", {}, Bytes(8 * 1024 * 1024, 7));
  std::vector<std::shared_ptr<Outcome<Nothing>>> sends;
  CHECK(code_of([&] {
          for (int i = 0; i < 9; ++i) sends.push_back(setup.loop.spawn(setup.client->send(large)));
        }) == ErrorCode::kNetwork);
  CHECK(sends.size() == 7);  // 8 MiB and some bytes each: the eighth exceeds 64 MiB
  setup.client->close();
  for (auto& each : sends) {
    CHECK(code_of([&] { setup.loop.finish(each); }) == ErrorCode::kNetwork);
  }
}

TEST_CASE("an event loop may end with connections still in use") {
  Setup setup;
  setup.connect();
  setup.loop.spawn(setup.client->receive());
  setup.loop.spawn(setup.server->receive());
  setup.loop.spawn(setup.serve());
  setup.loop.io.poll();
}

}  // namespace connection_test
