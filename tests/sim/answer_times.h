// How long clients take to answer: from the moment a stanza is given to the connection until its
// answer was read. The simulator's own work in between is part of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace wasync::sim {

// Of one kind of stanza. The newest are kept; stanzas that are never answered are forgotten with
// the connection's user.
class AnswerTimes {
 public:
  void sent(const std::string& id) { sent_.insert_or_assign(id, Clock::now()); }

  // No effect for what was not sent, or was answered before.
  void answered(const std::string& id) {
    const auto found = sent_.find(id);
    if (found == sent_.end()) return;
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - found->second);
    took_us_.push_back(took.count());
    if (took_us_.size() > kKept) took_us_.pop_front();
    sent_.erase(found);
  }

  // Since it was called last, in microseconds.
  std::deque<std::int64_t> take() { return std::exchange(took_us_, {}); }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kKept = 200'000;

  std::unordered_map<std::string, Clock::time_point> sent_;
  std::deque<std::int64_t> took_us_;
};

}  // namespace wasync::sim
