#include "cli/stdin_lines.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>

#include "base/file_descriptor.h"

namespace wasync {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;

// Restores the terminal when it goes.
class NoEcho {
 public:
  NoEcho() {
    // A process in the background must leave the terminal alone.
    if (tcgetpgrp(STDIN_FILENO) != getpgrp()) return;
    if (tcgetattr(STDIN_FILENO, &former_) != 0) return;
    termios silent = former_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSANOW, &silent) == 0;
  }
  ~NoEcho() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSANOW, &former_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios former_{};
  bool changed_ = false;
};

}  // namespace

// Poll and not the io_context's own waiting: that takes no regular files.
struct StdinLines::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& the_context, std::function<void(std::string)> line,
        std::function<void()> end)
      : context(the_context), on_line(std::move(line)), on_end(std::move(end)) {}

  boost::asio::io_context& context;
  std::function<void(std::string)> on_line;
  std::function<void()> on_end;
  bool over = false;  // on the context's thread
  std::optional<NoEcho> no_echo{std::in_place};
  FileDescriptor stop{eventfd(0, EFD_CLOEXEC)};
  std::thread reader;

  void tell(std::function<void(State&)> what) {
    boost::asio::post(context, [self = shared_from_this(), what = std::move(what)] {
      if (!self->over) what(*self);
    });
  }
  void tell_line(std::string line) {
    tell([line = std::move(line)](State& state) { state.on_line(line); });
  }
  void read();
};

void StdinLines::State::read() {
  std::string line;
  std::array<char, 4096> buffer{};
  while (true) {
    std::array<pollfd, 2> waited{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                 pollfd{.fd = stop.get(), .events = POLLIN, .revents = 0}};
    if (poll(waited.data(), waited.size(), -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (waited[1].revents != 0) return;
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    for (ssize_t i = 0; i < got; ++i) {
      const char c = buffer[static_cast<std::size_t>(i)];
      if (c != '\n') {
        if (line.size() < kLongestLine) line += c;
        continue;
      }
      tell_line(std::exchange(line, {}));
    }
  }
  if (!line.empty()) tell_line(std::move(line));
  tell([](State& state) { state.on_end(); });
}

StdinLines::StdinLines(boost::asio::io_context& context, std::function<void(std::string)> on_line,
                       std::function<void()> on_end)
    : state_(std::make_shared<State>(context, std::move(on_line), std::move(on_end))) {
  // It lives no longer than this.
  state_->reader = std::thread([state = state_.get()] { state->read(); });
}

StdinLines::~StdinLines() {
  state_->over = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t woken = ::write(state_->stop.get(), &one, sizeof one);
  state_->reader.join();
  state_->no_echo.reset();
}

}  // namespace wasync
