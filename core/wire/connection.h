// One authenticated, encrypted connection that carries nodes: the Noise handshake and the
// transport ciphers over framed WebSocket, for either side.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "wire/certificate.h"
#include "wire/node.h"
#include "wire/trace.h"
#include "wire/websocket.h"

namespace wasync {

// Where to connect and whom to trust there.
struct Endpoint {
  std::string url = "wss://web.whatsapp.com/ws/chat";
  PublicKey root_key = kWhatsAppRootKey;
  // PEM file of TLS certificates trusted besides the system's; empty for none.
  std::string ca_file{};
  // The server's hint of which of its data centres knows us (from <edge_routing>); empty
  // for none.
  Bytes routing_info{};
  // Told of every stanza; none: no trace is written.
  std::shared_ptr<Trace> trace{};
};

// What a server proves itself with.
struct ServerIdentity {
  KeyPair noise_static;
  Bytes certificate_chain;  // serialised NoiseCertChain, see make_certificate_chain
};

// Used from one io_context thread. Destroying it aborts the connection; call close() first
// to say goodbye. Coroutines waiting in receive() or send() may outlive it: they fail.
class Connection {
 public:
  // Dials and completes the handshake as the client; `timeout` bounds all of it. Throws
  // what dial_websocket throws, and Error:
  //   kServerUntrusted  the server's Noise certificate chain does not verify
  //   kProtocol         the handshake is malformed or does not decrypt
  //   kNetwork          the connection broke
  //   kTimeout          not done within `timeout`
  static boost::asio::awaitable<std::unique_ptr<Connection>> connect(
      Endpoint endpoint, KeyPair noise_static, Bytes client_payload,
      std::chrono::milliseconds timeout);

  // Completes the handshake as the server, on a freshly accepted TCP socket or on an open
  // WebSocket. Throws Error kProtocol, kNetwork or kTimeout.
  static boost::asio::awaitable<std::unique_ptr<Connection>> accept(
      TcpSocket socket, ServerIdentity identity, std::chrono::milliseconds timeout);
  static boost::asio::awaitable<std::unique_ptr<Connection>> accept(
      std::unique_ptr<WebSocket> socket, ServerIdentity identity,
      std::chrono::milliseconds timeout);

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The peer's Noise static key, proven by the handshake.
  const PublicKey& peer_static() const;
  // The ClientPayload that the client sent in the handshake (on both sides).
  BytesView client_payload() const;

  // The next node. After the peer closed, delivers what the peer had sent before; then, and
  // at once after close() or abort(), throws Error(kNetwork). Throws Error(kProtocol) for
  // bytes that are no frame, do not decrypt or are no node. Only in the last case does
  // is_open() stay true, and the caller can receive the next node. A cancelled call (awaitable
  // operators cancel) throws system_error(operation_aborted) and takes no node.
  boost::asio::awaitable<Node> receive();
  // The next node if it is here already; never waits. Throws Error(kProtocol) like `receive`, and
  // nothing else: after the end of the connection it returns nothing.
  std::optional<Node> receive_waiting();
  std::size_t waiting() const;  // how many nodes are here already

  // Encodes and queues the node at once, in the order of the calls. The awaitable completes
  // when the system has the bytes. Throws Error(kNetwork) when the connection closes before
  // that, or when more than 64 MiB wait because the peer does not read; Error(kProtocol) for a
  // node longer than a frame. The node need not outlive the call.
  boost::asio::awaitable<void> send(const Node& node);

  bool is_open() const;

  // Idempotent and immediate: receive() and unfinished send() fail with Error(kNetwork). The
  // goodbye to the peer goes on in the background, for a second at most.
  void close();
  // Drops TCP without goodbye, as a power cut would; idempotent.
  void abort();

 private:
  struct State;
  explicit Connection(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace wasync
