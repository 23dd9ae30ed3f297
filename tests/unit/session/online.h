// A linked account online at a server played by hand.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>

#include "session/online/session.h"
#include "unit/session/account.h"
#include "unit/session/server.h"

namespace wasync::test {

struct Online {
  Server server;
  LinkedAccount account;
  Writer ana{account};
  SessionOptions options;
  std::unique_ptr<Connection> remote;
  std::shared_ptr<Session> session;
  std::shared_ptr<wasync::testing::Outcome<wasync::testing::Nothing>> running;
  std::function<void()> on_message;
  int app_state_events = 0;
  std::int64_t generation_told = -1;
  bool ready = false;
  bool leave_out_greetings = true;  // <unified_session>, once a login
  // What the server says it has left, and the requests it got.
  int pre_keys = 100;
  std::string media_host = "127.0.0.1:9";
  std::vector<Node> requests;
  std::function<Node(const Node&)> answer = [this](const Node& iq) { return usual_answer(iq); };
  std::deque<Node> arrived;
  std::shared_ptr<wasync::testing::Outcome<wasync::testing::Nothing>> serving;
  int settled = 0;

  Online() { options.endpoint = server.endpoint(); }
  ~Online() {
    if (!running) return;
    session->close(std::make_exception_ptr(Error(ErrorCode::kInterrupted, "over")));
    if (remote) remote->close();
    server.loop.run_until([&] { return running->done && (!serving || serving->done); });
  }

  void start() {
    SessionEvents events;
    events.on_ready = [this] { ready = true; };
    events.on_message = [this](std::uint64_t /*messages*/) {
      if (on_message) on_message();
    };
    events.on_app_state = [this] { ++app_state_events; };
    events.on_generation = [this] {
      CHECK_FALSE(account.db.in_transaction());
      generation_told = generation();
    };
    session = std::make_shared<Session>(server.loop.io.get_executor(), account.db, options,
                                        std::move(events));
    running = server.loop.spawn(session->run());
  }
  void connect() {
    start();
    remote = server.loop.run(server.accept());
    serving = server.loop.spawn(serve());
  }
  // Answers requests and keeps everything else for next().
  boost::asio::awaitable<void> serve() {
    while (true) {
      const Node node = co_await remote->receive();
      if (leave_out_greetings && node.child("unified_session") != nullptr) continue;
      if (node.tag != "iq" || node.text("type") == "result") {
        arrived.push_back(node);
        continue;
      }
      requests.push_back(node);
      const Node reply = answer(node);
      if (!reply.tag.empty()) co_await remote->send(reply);
    }
  }
  void say(const Node& node) { server.loop.run(remote->send(node)); }
  Node next() {
    server.loop.run_until([&] { return !arrived.empty() || serving->done; });
    if (arrived.empty()) serving->take();
    Node node = std::move(arrived.front());
    arrived.pop_front();
    return node;
  }
  Node usual_answer(const Node& iq) const {
    if (iq.child("count") != nullptr) {
      return result_of(iq, {Node("count", {{"value", std::to_string(pre_keys)}})});
    }
    if (iq.child("media_conn") != nullptr) {
      const Node host("host", {{"hostname", media_host}});
      return result_of(iq, {Node("media_conn", {{"auth", "let-me"}, {"ttl", "99999999999999999"}},
                                 std::vector<Node>{host})});
    }
    return result_of(iq);
  }
  void await_requests(std::size_t count) {
    server.loop.run_until([&] { return requests.size() >= count; });
  }
  void await_ready() {
    server.loop.run_until([&] { return ready; });
  }
  void log_in() {
    connect();
    say(Node("success",
             {{"t", std::to_string(UnixSeconds::now().value)}, {"lid", account.device.lid}}));
    await_ready();
  }
  // Returns when the client has handled all that was said: it answers in order.
  void settle() {
    const std::string id = "settle" + std::to_string(++settled);
    say(from_server(Node("iq", {{"id", id}, {"type", "get"}, {"xmlns", "w:p"}})));
    server.loop.run_until([&] {
      return std::erase_if(arrived, [&](const Node& node) { return node.text("id") == id; }) > 0;
    });
  }
  Node from_ana(std::string id, const std::string& text) {
    return message_stanza(std::move(id), {{"from", jid(kAna)}}, {ana.enc(text_message(text))});
  }
  std::int64_t generation() { return account.number("SELECT generation FROM device"); }
  Account row() { return read_account(account.db).value(); }
  ErrorCode end() {
    return code_of([&] { server.loop.finish(running); });
  }
  int uploads() const {
    return static_cast<int>(std::count_if(requests.begin(), requests.end(), [](const Node& iq) {
      return iq.child("list") != nullptr;
    }));
  }
};

}  // namespace wasync::test
