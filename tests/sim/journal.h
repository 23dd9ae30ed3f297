// What the clients did, for tests to look at.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "wire/node.h"

namespace wasync::sim {

// What a contact's phone got from a client, decrypted.
struct DeliveredMessage {
  std::string id;
  std::string to;
  std::string text;
};

// A companion asked for older messages.
struct HistoryRequest {
  std::string id;
  std::string chat;
  std::string anchor;
  std::int64_t anchor_time = 0;  // as sent; seconds, whatever the field's name says
  std::int32_t count = 0;
  bool understood = false;  // the phone knows chat and anchor
};

// The newest entries of each kind; older ones are forgotten, so that a long run stays small.
struct AppStateQuery {
  std::string collection;
  std::uint64_t version = 0;
  bool snapshot = false;  // asked for
};

struct Journal {
  static constexpr std::size_t kKept = 200'000;

  std::deque<Node> receipts;
  std::deque<Node> acks;
  std::deque<Node> messages;  // what clients sent, still encrypted
  std::deque<DeliveredMessage> delivered;
  std::deque<HistoryRequest> history_requests;
  std::deque<std::string> placeholder_chats;  // of messages asked for again
  std::deque<AppStateQuery> app_state_queries;
  std::deque<std::string> unknown_queries;
  std::deque<std::string> complaints;            // what a client did wrong
  std::string web_version;                       // of the newest connection
  std::map<std::string, std::uint64_t> queries;  // how many, by xmlns
  std::uint64_t offline_batches = 0;             // asked for
  std::uint64_t unified_sessions = 0;            // told
  std::uint64_t logins = 0;
  std::uint64_t connections = 0;
  std::uint64_t history_chunks = 0;
  std::uint64_t history_bytes = 0;  // of history sent, inflated

  template <typename T>
  static void add(std::deque<T>& to, T entry) {
    to.push_back(std::move(entry));
    if (to.size() > kKept) to.pop_front();
  }
};

}  // namespace wasync::sim
