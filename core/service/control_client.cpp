#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "service/control.h"
#include "service/control_line.h"
#include "service/control_path.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

// A listener disconnects, and sends to Firestore what it can in some seconds.
constexpr std::chrono::seconds kReleasePatience{15};
constexpr int kReleaseLook_ms = 20;
constexpr std::int64_t kLook_ms = 200;  // at whether it was interrupted
constexpr Phrase kMalformed{"the process that holds the account sent a malformed answer",
                            "procesul care ține contul a trimis un răspuns malformat"};

[[noreturn]] void fail(Phrase what) {
  throw Error(ErrorCode::kIo, what.with(std::strerror(errno)));
}

bool connected(int fd, const ControlPath& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.text().data(),
              std::min(path.text().size(), sizeof address.sun_path - 1));
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return false;
  fail({"cannot connect to the control socket: {}",
        "conectarea la socketul de control nu a reușit: {}"});
}

struct Wait {
  Clock::time_point until;
  const std::function<bool()>& interrupted;
};

void await(int fd, short events, const Wait& wait) {
  while (true) {
    if (wait.interrupted && wait.interrupted())
      throw Error(ErrorCode::kInterrupted,
                  Phrase{"the command was interrupted", "comanda a fost întreruptă"});
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(wait.until - Clock::now()).count();
    pollfd waiting{.fd = fd, .events = events, .revents = 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, kLook_ms)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR)
      fail({"cannot wait for the control socket: {}",
            "așteptarea la socketul de control nu a reușit: {}"});
    if (left <= 0)
      throw Error(ErrorCode::kTimeout,
                  Phrase{"the process that holds the account does not answer",
                         "procesul care ține contul nu răspunde"},
                  Phrase{"See whether `wa-sync listen` still runs well, or restart it.",
                         "Vezi dacă `wa-sync listen` încă merge bine sau repornește-l."});
  }
}

void send_all(int fd, std::string_view text, const Wait& wait) {
  while (!text.empty()) {
    await(fd, POLLOUT, wait);
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR && errno != EAGAIN)
      fail({"cannot send to the control socket: {}",
            "trimiterea la socketul de control nu a reușit: {}"});
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// The next line; empty when the other side has closed.
std::string next_line(int fd, std::string& buffer, const Wait& wait) {
  while (true) {
    if (const auto end = buffer.find('\n'); end != std::string::npos) {
      std::string line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      return line;
    }
    if (buffer.size() > kMaxControlLine) throw Error(ErrorCode::kProtocol, kMalformed);
    await(fd, POLLIN, wait);
    std::array<char, 16384> piece{};
    const ssize_t count = ::recv(fd, piece.data(), piece.size(), 0);
    if (count == 0) return {};
    if (count < 0 && errno != EINTR && errno != EAGAIN)
      fail({"cannot read from the control socket: {}",
            "citirea de la socketul de control nu a reușit: {}"});
    if (count > 0) buffer.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

ErrorCode error_code_in(const Json& event) {
  const std::string named = text_in(event, "code");
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInterrupted); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (name(code) == named) return code;
  }
  return ErrorCode::kInternal;
}

std::optional<Json> ask_holder(const StateDir& state, const AccountId& id, const Json& request,
                               std::chrono::milliseconds patience,
                               const std::function<void(const Json&)>& on_line,
                               const std::function<bool()>& interrupted) {
  const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) fail({"cannot make a socket: {}", "nu se poate crea un socket: {}"});
  const ControlPath path(state, id);
  if (!connected(fd.get(), path)) return std::nullopt;
  send_all(fd.get(), request.dump() + "\n", {Clock::now() + patience, interrupted});
  std::string buffer;
  while (true) {
    const std::string line = next_line(fd.get(), buffer, {Clock::now() + patience, interrupted});
    if (line.empty())
      throw Error(ErrorCode::kNetwork,
                  Phrase{"the process that holds the account ended meanwhile",
                         "procesul care ținea contul s-a încheiat între timp"},
                  Phrase{"Run the command again.", "Rulează din nou comanda."});
    Json event = Json::parse(line, nullptr, false);
    if (!event.is_object()) throw Error(ErrorCode::kProtocol, kMalformed);
    if (const auto end = event.find("end"); end == event.end() || *end != true) {
      if (on_line) on_line(event);
      continue;
    }
    if (text_in(event, "event") == "error")
      throw Error(error_code_in(event), words_in(event, "message"), words_in(event, "hint"));
    return event;
  }
}

void ask_to_release(const StateDir& state, const AccountId& id) {
  if (!AccountLock::holder(state, id)) return;
  try {
    if (!ask_holder(state, id, {{"request", "release"}}, kReleasePatience)) return;
  } catch (const Error& error) {
    log::info("{} is not let go: {}", id.str(), error.what());
    return;
  }
  const auto until = Clock::now() + kReleasePatience;
  while (AccountLock::holder(state, id) && Clock::now() < until)
    ::poll(nullptr, 0, kReleaseLook_ms);
}

}  // namespace wasync
