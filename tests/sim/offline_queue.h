// What waited for a companion, on its way to one of its connections. The server gives a handful,
// then only as much as it is asked for (<ib><offline_batch>); and nothing behind a stanza that was
// refused (an ack with an error) until that is acked without one.
// Facts: whatsapp-rust offline_resume.rs, #125; Baileys #2779.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "wire/node.h"

namespace wasync::sim {

class Faults;
struct Companion;

class OfflineQueue {
 public:
  // Keeps references to both.
  OfflineQueue(Companion& companion, const Faults& faults, std::function<void(const Node&)> push);

  // The connection is active: announces what waits, and gives the handful.
  void begin();
  // <offline_batch>.
  void ask(std::size_t count);
  // Something new, behind what waits.
  void deliver(Node stanza);
  // The stanza was refused: it comes again, twice, and once more at each login.
  void refused(const Node& ack);
  // Something was acked, which may open the way.
  void flow();

 private:
  bool is_refused(const Node& stanza) const;

  Companion& companion_;
  const Faults& faults_;
  std::function<void(const Node&)> push_;
  std::deque<Node> left_;
  std::size_t total_ = 0;
  std::size_t allowed_ = 0;
  bool over_ = false;
  std::map<std::string, int> deliveries_;  // of refused stanzas, by id
};

}  // namespace wasync::sim
