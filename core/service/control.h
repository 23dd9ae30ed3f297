// The control socket (<state>/run/<accountId>.sock, 0600): other commands ask the process that
// holds an account. A request is a JSON object on a line; the answer is one or more such lines. The
// last has "end": true, and describes the error if there was one:
//
//   {"request":"status"}
//   {"event":"status", …, "end":true}
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "base/error.h"
#include "inbox/ids.h"
#include "inbox/state_dir.h"

namespace wasync {

inline constexpr std::size_t kMaxControlLine = 256 * 1024;

// Who has asked, as the answerer sees it.
class ControlAsker {
 public:
  // Throws when the asker has gone.
  virtual boost::asio::awaitable<void> tell(nlohmann::ordered_json line) = 0;
  // Called when the asker goes before the last line was told.
  std::function<void()> on_gone{};

 protected:
  ~ControlAsker() = default;
};

// The holder's side. Used from one io_context thread; held by shared_ptr.
class ControlServer : public std::enable_shared_from_this<ControlServer> {
 public:
  // Answers with lines of events. It returns the last one, to which the server adds "end"; an Error
  // that it throws becomes {"event":"error", code, message, hint}, with the Romanian texts in
  // message_ro and hint_ro.
  using Answer = std::function<boost::asio::awaitable<nlohmann::ordered_json>(
      nlohmann::ordered_json request, std::shared_ptr<ControlAsker> asker)>;

  // Listens from now on, in the place of a socket that a dead holder left behind: the caller holds
  // the AccountLock. Throws Error(kIo).
  ControlServer(boost::asio::any_io_executor executor, const StateDir& state, const AccountId& id,
                Answer answer);
  ~ControlServer();
  void start();
  // Removes the socket. Requests that have come already still get their answers.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The asker's side: sends `request`, hands every line but the last to `on_line`, returns the last.
// Nothing when nobody listens. Waits for each line at most `patience`, and only until
// `interrupted`: Error(kInterrupted). Throws Error(kTimeout), what an error event says, and
// Error(kProtocol).
std::optional<nlohmann::ordered_json> ask_holder(
    const StateDir& state, const AccountId& id, const nlohmann::ordered_json& request,
    std::chrono::milliseconds patience,
    const std::function<void(const nlohmann::ordered_json&)>& on_line = {},
    const std::function<bool()>& interrupted = {});

// What an event of an error, or of something like it, calls `code`; kInternal for what is none.
ErrorCode error_code_in(const nlohmann::ordered_json& event);

// Asks a running `listen` to let the account go for a while, and waits until it has. No effect
// where nobody holds it, or where the holder does not let go: the AccountLock will say so.
void ask_to_release(const StateDir& state, const AccountId& id);

}  // namespace wasync
