// A WhatsApp server played by hand: accepts real connections on loopback and says exactly
// what a test tells it to.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "unit/wire/loopback.h"
#include "wire/connection.h"

namespace wasync::test {

using wasync::testing::code_of;
using wasync::testing::Listener;
using wasync::testing::Loop;

inline constexpr std::chrono::seconds kPatience{20};

struct Server {
  Loop loop;
  Listener listener{loop.io};
  KeyPair root = KeyPair::generate();
  ServerIdentity identity = make_identity();

  // What time it said is the process's: no other test may go by it.
  ~Server() { forget_time(); }

  ServerIdentity make_identity() const {
    const KeyPair key = KeyPair::generate();
    return {key, make_certificate_chain(root, key.public_key, {})};
  }
  Endpoint endpoint() const { return {.url = listener.url(), .root_key = root.public_key}; }

  boost::asio::awaitable<std::unique_ptr<Connection>> accept() {
    auto socket = co_await listener.acceptor.async_accept(boost::asio::use_awaitable);
    co_return co_await Connection::accept(std::move(socket), identity, kPatience);
  }
  // Waits without a limit of its own: the loop has one.
  boost::asio::awaitable<void> pause(std::chrono::milliseconds duration) {
    boost::asio::steady_timer timer(loop.io, duration);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
};

inline Node from_server(Node node) {
  node.set("from", server_jid());
  return node;
}

// The server's answer to an IQ.
inline Node result_of(const Node& iq, std::vector<Node> content = {}) {
  Node answer("iq", {{"from", server_jid()}, {"type", "result"}, {"id", iq.text("id")}});
  if (!content.empty()) answer.content = std::move(content);
  return answer;
}

inline Node error_to(const Node& iq, const std::string& code) {
  Node answer("iq", {{"from", server_jid()}, {"type", "error"}, {"id", iq.text("id")}});
  answer.content = std::vector<Node>{Node("error", {{"code", code}, {"text", "no"}})};
  return answer;
}

}  // namespace wasync::test
