#include "service/systemd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/file_descriptor.h"
#include "base/number.h"

namespace wasync {
namespace {

std::optional<long long> number(const std::optional<std::string>& text) {
  return text ? parse_number<long long>(*text) : std::nullopt;
}

}  // namespace

void notify_systemd(std::string_view state, const Environment& environment) {
  const auto path = environment("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (!path || (path->front() != '/' && path->front() != '@') ||
      path->size() >= sizeof address.sun_path)
    return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path->data(), path->size());
  if (path->front() == '@') address.sun_path[0] = '\0';  // an abstract socket
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size());
  // Should systemd not take it, there is nobody else to tell.
  [[maybe_unused]] const ssize_t sent =
      ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), length);
}

std::optional<std::chrono::milliseconds> watchdog_interval(const Environment& environment) {
  const auto us = number(environment("WATCHDOG_USEC"));
  if (!us || *us <= 0) return std::nullopt;
  if (const auto pid = number(environment("WATCHDOG_PID")); pid && *pid != ::getpid())
    return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(*us / 2));
}

}  // namespace wasync
