// A connection that a test plays: keeps what is sent, and answers as it is told to.
#pragma once

#include <functional>
#include <vector>

#include "base/error.h"
#include "proto/message.pb.h"
#include "session/connection/live_connection.h"

namespace wasync::test {

struct PlayedConnection : LiveConnection {
  explicit PlayedConnection(const wasync::Device& played_as) : own(played_as) {}

  const wasync::Device& own;
  bool open = true;
  bool phone_has_session = true;
  std::vector<Node> sent{};
  std::vector<pb::Message> told_phone{};
  std::function<Node(const Node&)> answer{};  // to a query

  const wasync::Device& device() const override { return own; }
  bool is_open() const override { return open; }
  boost::asio::awaitable<Node> query(Node iq) override {
    if (!open) throw Error(ErrorCode::kNetwork, "over");
    co_return answer(iq);
  }
  void send(const Node& node) override { sent.push_back(node); }
  boost::asio::awaitable<void> confirm_sent() override {
    if (!open) throw Error(ErrorCode::kNetwork, "over");
    co_return;
  }
  std::optional<Node> seal_for_phone(const pb::Message& content) override {
    if (!phone_has_session) return std::nullopt;
    told_phone.push_back(content);
    return Node("message", {{"id", "TOLD" + std::to_string(told_phone.size())}});
  }
  boost::asio::awaitable<void> look_up_people(std::vector<Jid> /*people*/) override { co_return; }
  boost::asio::awaitable<MediaServers> media_servers() override {
    co_return MediaServers{.hosts = {"http://127.0.0.1:9"}};
  }
};

}  // namespace wasync::test
