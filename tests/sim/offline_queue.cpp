#include "sim/offline_queue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/jid.h"
#include "sim/companion.h"
#include "sim/faults.h"

namespace wasync::sim {
namespace {

// Given without being asked for.
constexpr std::size_t kHandful = 5;
constexpr int kMostDeliveries = 3;

Node info(Node about) {
  Node node("ib", {{"from", server_jid()}});
  node.content = std::vector<Node>{std::move(about)};
  return node;
}

Node preview_of(const std::deque<Node>& waiting) {
  const auto count = [&](std::string_view tag) {
    return std::to_string(std::count_if(waiting.begin(), waiting.end(),
                                        [&](const Node& node) { return node.tag == tag; }));
  };
  return Node("offline_preview", {{"count", std::to_string(waiting.size())},
                                  {"message", count("message")},
                                  {"notification", count("notification")},
                                  {"receipt", count("receipt")},
                                  {"appdata", "0"}});
}

}  // namespace

OfflineQueue::OfflineQueue(Companion& companion, const Faults& faults,
                           std::function<void(const Node&)> push)
    : companion_(companion), faults_(faults), push_(std::move(push)) {}

bool OfflineQueue::is_refused(const Node& stanza) const {
  return companion_.refused.contains({stanza.tag, stanza.text("id")});
}

void OfflineQueue::begin() {
  left_ = companion_.pending;
  std::stable_partition(left_.begin(), left_.end(),
                        [this](const Node& stanza) { return is_refused(stanza); });
  total_ = left_.size();
  push_(info(preview_of(left_)));
  allowed_ = faults_.on("offline-unasked") ? total_ : kHandful;
  flow();
}

void OfflineQueue::ask(std::size_t count) {
  if (over_) return;
  allowed_ += count;
  flow();
}

void OfflineQueue::deliver(Node stanza) {
  if (!over_) ++total_;
  if (!over_ && faults_.on("offline-unasked")) ++allowed_;
  left_.push_back(std::move(stanza));
  flow();
}

void OfflineQueue::refused(const Node& ack) {
  const std::string id = ack.text("id");
  const auto& pending = companion_.pending;
  const auto stanza = std::find_if(pending.begin(), pending.end(), [&](const Node& each) {
    return each.tag == ack.text("class") && each.text("id") == id;
  });
  if (stanza == pending.end()) return;
  companion_.refused.insert({stanza->tag, id});
  if (++deliveries_[id] >= kMostDeliveries || faults_.on("refused-at-login")) return;
  left_.push_front(*stanza);
  if (!over_) ++allowed_;
  flow();
}

void OfflineQueue::flow() {
  while (!left_.empty() && (over_ || allowed_ > 0)) {
    if (!companion_.refused.empty() && !is_refused(left_.front())) return;
    Node stanza = std::move(left_.front());
    left_.pop_front();
    if (!over_) {
      stanza.set("offline", "0");
      --allowed_;
    }
    push_(stanza);
  }
  if (over_ || !left_.empty()) return;
  over_ = true;
  push_(info(Node("offline", {{"count", std::to_string(total_)}})));
}

}  // namespace wasync::sim
