// A WhatsApp server for accounts that `listen` runs: takes every connection, greets it as it is
// told, answers requests.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "unit/session/server.h"

namespace wasync::test {

inline Node success() {
  return Node("success", {{"t", std::to_string(UnixSeconds::now().value)}});
}
inline Node refusal(const std::string& reason) {
  return Node("failure", {{"reason", reason}});
}

struct Whatsapp : Server {
  std::deque<Node> greetings{};  // of the next connections; afterwards they succeed
  int connections = 0;
  std::unique_ptr<Connection> remote{};  // the last one
  std::shared_ptr<wasync::testing::Outcome<wasync::testing::Nothing>> serving = loop.spawn(serve());

  void close() {
    listener.acceptor.close();
    if (remote) remote->close();
    loop.run_until([&] { return serving->done; });
  }
  void say(const Node& node) { loop.run(remote->send(node)); }
  void hang_up() { remote->close(); }

 private:
  boost::asio::awaitable<void> serve() {
    while (listener.acceptor.is_open()) {
      try {
        remote = co_await accept();
        ++connections;
        Node greeting = success();
        if (!greetings.empty()) {
          greeting = std::move(greetings.front());
          greetings.pop_front();
        }
        co_await remote->send(greeting);
        while (true) {
          const Node node = co_await remote->receive();
          if (node.tag != "iq" || node.text("type") == "result") continue;
          const Node answer = result_of(node, {Node("count", {{"value", "100"}})});
          co_await remote->send(answer);
        }
      } catch (const std::exception&) {  // the connection has ended
      }
    }
  }
};

}  // namespace wasync::test
