#include "wire/connection.h"

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <optional>

#include "base/deadline.h"
#include "base/error.h"
#include "base/wake.h"
#include "wire/frame.h"
#include "wire/node_codec.h"
#include "wire/noise.h"

namespace wasync {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;
using TimePoint = steady_clock::time_point;

// Bounds of what waits in memory: beyond the first we stop reading, beyond the second we give up.
constexpr std::size_t kMaxUnread = 32 * 1024 * 1024;
constexpr std::size_t kMaxUnsent = 64 * 1024 * 1024;
// What a waiting frame costs beside its bytes, so that empty ones are bounded too.
constexpr std::size_t kFrameCost = 64;
constexpr std::chrono::milliseconds kLongestHandshake = std::chrono::hours(1);

// A node on its way out, shared by the sender that waits and the writer.
struct Outgoing {
  Outgoing(const asio::any_io_executor& executor, Bytes plaintext_)
      : plaintext(std::move(plaintext_)), done(executor) {}
  Bytes plaintext;
  bool written = false;
  Wake done;
};

enum class Farewell { kPolite, kNone };

Error closed_here() {
  return {ErrorCode::kNetwork,
          Phrase{"this side closed the connection", "conexiunea a fost închisă de aici"}};
}

// The routing information goes into the address too, where load balancers see it.
std::string with_routing(const std::string& url, BytesView routing_info) {
  if (routing_info.empty()) return url;
  std::string encoded = base64url_encode(routing_info);
  encoded.erase(encoded.find_last_not_of('=') + 1);
  return url + (url.find('?') == std::string::npos ? "?ED=" : "&ED=") + encoded;
}

}  // namespace

struct Connection::State : std::enable_shared_from_this<State> {
  State(const asio::any_io_executor& executor_, std::unique_ptr<WebSocket> socket_,
        FrameReader frames_)
      : executor(executor_),
        socket(std::move(socket_)),
        frames(std::move(frames_)),
        arrived(executor),
        room(executor),
        queued(executor) {}

  asio::awaitable<Bytes> read_handshake_message();
  asio::awaitable<void> write_handshake_message(Bytes prefix, Bytes message);
  asio::awaitable<void> handshake_as_client(Endpoint endpoint, KeyPair noise_static);
  asio::awaitable<void> handshake_as_server(ServerIdentity identity);
  // Runs one of the handshakes and starts the loops; aborts the socket when it fails.
  static asio::awaitable<std::shared_ptr<State>> establish(std::shared_ptr<State> self,
                                                           asio::awaitable<void> handshake,
                                                           TimePoint deadline);
  void start();

  asio::awaitable<void> read_loop();
  asio::awaitable<void> write_loop();
  static asio::awaitable<Node> receive(std::shared_ptr<State> self);
  std::shared_ptr<Outgoing> enqueue(Bytes plaintext);
  static asio::awaitable<void> delivery(std::shared_ptr<State> self,
                                        std::shared_ptr<Outgoing> node);
  void take_frames();
  Bytes decrypt_next();
  Node next_node();
  void begin_trace(std::shared_ptr<Trace> into);
  // Ends the connection; only the first call counts.
  void fail(Error error, Farewell farewell = Farewell::kPolite);

  asio::any_io_executor executor;
  std::unique_ptr<WebSocket> socket;
  FrameReader frames;
  std::optional<TransportCiphers> ciphers;
  PublicKey peer_static{};
  Bytes client_payload;

  std::deque<Bytes> received;  // frames, still encrypted
  std::size_t received_size = 0;
  std::deque<std::shared_ptr<Outgoing>> outgoing;
  std::size_t outgoing_size = 0;
  Wake arrived;  // receive() may have something to do
  Wake room;     // the reader may go on
  Wake queued;   // the writer may have something to do
  std::optional<Error> failure;
  bool discard_received = false;  // closed from this side
  std::shared_ptr<Trace> trace;
  unsigned traced_as = 0;
};

asio::awaitable<Bytes> Connection::State::read_handshake_message() {
  while (true) {
    if (std::optional<Bytes> frame = frames.next()) co_return std::move(*frame);
    const Bytes piece = co_await socket->read();
    frames.feed(piece);
  }
}

asio::awaitable<void> Connection::State::write_handshake_message(Bytes prefix, Bytes message) {
  append_frame(prefix, message);
  co_await socket->write(prefix);
}

asio::awaitable<void> Connection::State::handshake_as_client(Endpoint endpoint,
                                                             KeyPair noise_static) {
  NoiseInitiator noise(noise_static);
  Bytes intro = intro_with_routing(endpoint.routing_info);
  Bytes hello = noise.client_hello();
  co_await write_handshake_message(std::move(intro), std::move(hello));
  const Bytes answer = co_await read_handshake_message();
  const NoiseInitiator::ServerProof proof = noise.read_server_hello(answer);
  verify_certificate_chain(proof.certificate_chain, endpoint.root_key, proof.static_key,
                           UnixSeconds::now());
  Bytes finish = noise.client_finish(client_payload);
  Bytes no_prefix;
  co_await write_handshake_message(std::move(no_prefix), std::move(finish));
  peer_static = proof.static_key;
  ciphers = noise.transport();
}

asio::awaitable<void> Connection::State::handshake_as_server(ServerIdentity identity) {
  NoiseResponder noise(identity.noise_static);
  const Bytes hello = co_await read_handshake_message();
  noise.read_client_hello(hello);
  Bytes answer = noise.server_hello(identity.certificate_chain);
  Bytes no_prefix;
  co_await write_handshake_message(std::move(no_prefix), std::move(answer));
  const Bytes finish = co_await read_handshake_message();
  NoiseResponder::ClientProof proof = noise.read_client_finish(finish);
  peer_static = proof.static_key;
  client_payload = std::move(proof.payload);
  ciphers = noise.transport();
}

void Connection::State::start() {
  const auto self = shared_from_this();
  asio::co_spawn(
      executor, [self] { return self->read_loop(); }, asio::detached);
  asio::co_spawn(
      executor, [self] { return self->write_loop(); }, asio::detached);
}

void Connection::State::take_frames() {
  while (std::optional<Bytes> frame = frames.next()) {
    received_size += frame->size() + kFrameCost;
    received.push_back(std::move(*frame));
  }
  if (!received.empty()) arrived.notify();
}

asio::awaitable<void> Connection::State::read_loop() {
  try {
    take_frames();  // what came on the heels of the handshake
    while (!failure) {
      if (received_size > kMaxUnread) {
        co_await room.wait();
        continue;
      }
      const Bytes piece = co_await socket->read();
      frames.feed(piece);
      take_frames();
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNetwork && frames.partial()) {
      fail(Error(error.code(),
                 Phrase{"{} in the middle of a frame", "{} la mijlocul unui cadru"}.with(
                     error.message())));
    } else {
      fail(error);
    }
  } catch (const std::exception& error) {
    fail(Error(ErrorCode::kInternal, error.what()));
  }
}

asio::awaitable<void> Connection::State::write_loop() {
  try {
    while (!failure) {
      if (outgoing.empty()) {
        co_await queued.wait();
        continue;
      }
      const std::shared_ptr<Outgoing> next = outgoing.front();
      Bytes message;
      append_frame(message, ciphers->send.encrypt(next->plaintext));
      co_await socket->write(message);
      next->written = true;
      next->done.notify();
      if (failure) break;  // fail() has dropped the queue meanwhile
      outgoing.pop_front();
      outgoing_size -= next->plaintext.size() + kFrameCost;
    }
  } catch (const Error& error) {
    fail(error);
  } catch (const std::exception& error) {
    fail(Error(ErrorCode::kInternal, error.what()));
  }
}

void Connection::State::fail(Error error, Farewell farewell) {
  if (failure) return;
  failure = std::move(error);
  if (trace) trace->closed(traced_as, name(failure->code()));
  for (const auto& waiting : outgoing) waiting->done.notify();
  outgoing.clear();
  outgoing_size = 0;
  arrived.notify();
  room.notify();
  queued.notify();
  if (farewell == Farewell::kNone) {
    socket->abort();
    return;
  }
  asio::co_spawn(
      executor, [self = shared_from_this()] { return self->socket->close(); }, asio::detached);
}

Bytes Connection::State::decrypt_next() {
  const Bytes frame = std::move(received.front());
  received.pop_front();
  received_size -= frame.size() + kFrameCost;
  room.notify();
  try {
    return ciphers->receive.decrypt(frame);
  } catch (const Error& error) {
    // Both sides count messages, so no later frame would decrypt either.
    discard_received = true;
    fail(error);
    throw;
  }
}

Node Connection::State::next_node() {
  const Bytes plaintext = decrypt_next();
  try {
    Node node = decode_node(plaintext);
    if (trace) trace->received(traced_as, node);
    return node;
  } catch (const Error&) {
    if (trace) trace->unreadable(traced_as, plaintext.size());
    throw;
  }
}

void Connection::State::begin_trace(std::shared_ptr<Trace> into) {
  trace = std::move(into);
  if (trace) traced_as = trace->connected();
}

asio::awaitable<Node> Connection::State::receive(std::shared_ptr<State> self) {
  while (true) {
    // A cancelled caller does not take the node: leave it for the next call.
    const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (!self->received.empty() && !self->discard_received) co_return self->next_node();
    if (self->failure) throw Error(*self->failure);
    co_await self->arrived.wait();
  }
}

std::shared_ptr<Outgoing> Connection::State::enqueue(Bytes plaintext) {
  if (failure) throw Error(*failure);
  if (plaintext.size() > kMaxFrameSize - TransportCipher::kOverhead) {
    throw Error(ErrorCode::kProtocol,
                "a node of " + std::to_string(plaintext.size()) + " bytes is too long to send");
  }
  if (outgoing_size + plaintext.size() + kFrameCost > kMaxUnsent) {
    throw Error(ErrorCode::kNetwork, Phrase{"the peer does not take what we send",
                                            "celălalt capăt nu primește ce trimitem"});
  }
  outgoing_size += plaintext.size() + kFrameCost;
  outgoing.push_back(std::make_shared<Outgoing>(executor, std::move(plaintext)));
  queued.notify();
  return outgoing.back();
}

asio::awaitable<void> Connection::State::delivery(std::shared_ptr<State> self,
                                                  std::shared_ptr<Outgoing> node) {
  while (!node->written) {
    if (self->failure) throw Error(*self->failure);
    co_await node->done.wait();
  }
}

asio::awaitable<std::shared_ptr<Connection::State>> Connection::State::establish(
    std::shared_ptr<State> self, asio::awaitable<void> handshake, TimePoint deadline) {
  const Deadline limit(self->executor, deadline, [self] { self->socket->abort(); });
  const auto check_time = [&limit] {
    if (limit.expired()) {
      throw Error(ErrorCode::kTimeout,
                  Phrase{"the handshake took too long", "negocierea conexiunii a durat prea mult"},
                  Phrase{"Check the network connection; the server may also be overloaded.",
                         "Verifică rețeaua; și serverul poate fi supraîncărcat."});
    }
  };
  try {
    co_await std::move(handshake);
  } catch (const Error&) {
    self->socket->abort();
    check_time();
    throw;
  }
  check_time();
  self->start();
  co_return self;
}

Connection::Connection(std::shared_ptr<State> state) : state_(std::move(state)) {}

Connection::~Connection() {
  if (is_open()) abort();  // a goodbye under way goes on
}

asio::awaitable<std::unique_ptr<Connection>> Connection::connect(
    Endpoint endpoint, KeyPair noise_static, Bytes client_payload,
    std::chrono::milliseconds timeout) {
  const TimePoint deadline = steady_clock::now() + std::min(timeout, kLongestHandshake);
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  std::string url = with_routing(endpoint.url, endpoint.routing_info);
  DialOptions options;
  options.ca_file = endpoint.ca_file;
  std::unique_ptr<WebSocket> socket =
      co_await dial_websocket(std::move(url), std::move(options), deadline);
  auto state = std::make_shared<State>(executor, std::move(socket), FrameReader());
  state->client_payload = std::move(client_payload);
  state->begin_trace(std::move(endpoint.trace));
  auto handshake = state->handshake_as_client(std::move(endpoint), noise_static);
  state = co_await State::establish(state, std::move(handshake), deadline);
  co_return std::unique_ptr<Connection>(new Connection(std::move(state)));
}

asio::awaitable<std::unique_ptr<Connection>> Connection::accept(TcpSocket tcp,
                                                                ServerIdentity identity,
                                                                std::chrono::milliseconds timeout) {
  const TimePoint deadline = steady_clock::now() + std::min(timeout, kLongestHandshake);
  std::unique_ptr<WebSocket> socket = co_await accept_websocket(std::move(tcp), deadline);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
  co_return co_await accept(std::move(socket), std::move(identity), left);
}

asio::awaitable<std::unique_ptr<Connection>> Connection::accept(std::unique_ptr<WebSocket> socket,
                                                                ServerIdentity identity,
                                                                std::chrono::milliseconds timeout) {
  const TimePoint deadline = steady_clock::now() + std::min(timeout, kLongestHandshake);
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto state = std::make_shared<State>(executor, std::move(socket), FrameReader::after_intro());
  auto handshake = state->handshake_as_server(std::move(identity));
  state = co_await State::establish(state, std::move(handshake), deadline);
  co_return std::unique_ptr<Connection>(new Connection(std::move(state)));
}

const PublicKey& Connection::peer_static() const {
  return state_->peer_static;
}

BytesView Connection::client_payload() const {
  return state_->client_payload;
}

asio::awaitable<Node> Connection::receive() {
  return State::receive(state_);
}

std::optional<Node> Connection::receive_waiting() {
  if (state_->received.empty() || state_->discard_received) return std::nullopt;
  return state_->next_node();
}

std::size_t Connection::waiting() const {
  return state_->discard_received ? 0 : state_->received.size();
}

asio::awaitable<void> Connection::send(const Node& node) {
  std::shared_ptr<Outgoing> outgoing = state_->enqueue(encode_node(node));
  if (state_->trace) state_->trace->sent(state_->traced_as, node);
  return State::delivery(state_, std::move(outgoing));
}

bool Connection::is_open() const {
  return !state_->failure;
}

void Connection::close() {
  state_->discard_received = true;
  state_->fail(closed_here());
}

void Connection::abort() {
  state_->discard_received = true;
  state_->fail(closed_here(), Farewell::kNone);
  state_->socket->abort();  // also when a goodbye is under way
}

}  // namespace wasync
