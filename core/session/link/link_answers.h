// The answers of the person who links to what we show, line by line.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace wasync {

// Used from one thread.
class LinkAnswers {
 public:
  void give(std::string line) {
    lines_.push_back(std::move(line));
    if (on_change_) on_change_();
  }
  // No more lines will come.
  void end() {
    ended_ = true;
    if (on_change_) on_change_();
  }

  std::optional<std::string> take() {
    if (lines_.empty()) return std::nullopt;
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    return line;
  }
  bool ended() const { return ended_ && lines_.empty(); }
  // Only the latest callback is called.
  void on_change(std::function<void()> callback) { on_change_ = std::move(callback); }

 private:
  std::deque<std::string> lines_;
  bool ended_ = false;
  std::function<void()> on_change_;
};

}  // namespace wasync
