// Lines of standard input as they come, while something else goes on.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

namespace wasync {

// Reads from its construction on. A terminal does not show what is typed meanwhile: lines that are
// pasted would fall into what is being redrawn.
class StdinLines {
 public:
  // Both are called on the thread that runs `context`; on_end once, behind the last line. Of a line
  // that is longer than 64 KiB the rest is left out.
  StdinLines(boost::asio::io_context& context, std::function<void(std::string)> on_line,
             std::function<void()> on_end);
  // Nothing is called any more, and the terminal is as it was.
  ~StdinLines();
  StdinLines(const StdinLines&) = delete;
  StdinLines& operator=(const StdinLines&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wasync
