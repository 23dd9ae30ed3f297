// A stream of mixed messages from a user's contacts, groups and own phone: for tests that break
// things while messages arrive, and for measuring. What the inbox must hold in the end is part
// of the answer key (expected_inbox.h). Deterministic: the same seed writes the same, in the
// same order, whatever the client does meanwhile. Nothing is lost: what is not acked is
// delivered again at the next login.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "sim/dataset.h"
#include "sim/random.h"
#include "wire/node.h"

namespace wasync::sim {

class World;
struct Companion;
struct RealtimeMessage;

struct LoadOptions {
  std::size_t messages = 0;  // stanzas, edits and reactions and so on included
  double rate = 0;           // a second; 0: as fast as they are acked
  std::uint64_t seed = 1;
  std::size_t window = 200;  // unacked at most, when there is no rate
  // All are encrypted first, and kept until release(): what is measured then is the client.
  bool prepared = false;
};

class Load {
 public:
  // Keeps a reference; throws Error(kProtocol) when the user has nobody to write.
  explicit Load(World& world);

  // Once what was begun before has been sent; else throws Error(kProtocol).
  void begin(const LoadOptions& options);
  // One text from everybody, the owner's phone included, in every chat, at once. Returns how many.
  std::size_t everybody();

  // What was prepared goes out, as fast as it is acked.
  void release();
  // Whether it keeps the stanza, because it prepares.
  bool keeps(const Companion& companion, const Node& stanza);

  // Room for more, perhaps: stanzas were acked, or a companion can be encrypted for.
  void resume();

  std::size_t sent() const { return sent_; }
  std::size_t left() const { return left_ + kept_.size(); }
  bool is_prepared() const { return preparing_ && left_ == 0; }
  const LiveMessages& live() const { return live_; }

 private:
  void schedule();
  void run();
  bool may_send() const;
  std::size_t most_pending() const;
  void deliver_kept();
  void send_one();
  void send(std::size_t chat, RealtimeMessage message);
  RealtimeMessage about_earlier(std::size_t chat, std::size_t target, unsigned roll);
  RealtimeMessage anew(std::size_t chat);
  void record(std::size_t chat, const RealtimeMessage& message, const std::string& id);

  World& world_;
  LoadOptions options_;
  Random random_;
  std::vector<std::size_t> chats_;  // indices of those that can be written in
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point began_;
  std::size_t sent_ = 0;  // in all
  std::size_t left_ = 0;  // of what was begun last
  bool scheduled_ = false;
  bool preparing_ = false;
  std::deque<std::pair<std::uint16_t, Node>> kept_;  // with the companion's number
  LiveMessages live_;
};

}  // namespace wasync::sim
