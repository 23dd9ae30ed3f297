#include "service/systemd.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <string>

#include "unit/inbox/fixture.h"

namespace systemd_test {

using namespace wasync;
using namespace std::chrono_literals;

namespace {

Environment environment(std::map<std::string, std::string> variables) {
  return [variables](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found != variables.end() ? std::optional(found->second) : std::nullopt;
  };
}

}  // namespace

TEST_CASE("systemd is told over the socket that it names") {
  const test::ScratchDir scratch;
  const std::string path = scratch.path() / "notify";
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  notify_systemd("READY=1\nSTATUS=2 accounts", environment({{"NOTIFY_SOCKET", path}}));
  std::array<char, 100> buffer{};
  const auto size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
  ::close(fd);
  REQUIRE(size > 0);
  CHECK(std::string(buffer.data(), static_cast<std::size_t>(size)) == "READY=1\nSTATUS=2 accounts");
}

TEST_CASE("nobody to tell is no error") {
  notify_systemd("READY=1", environment({}));
  notify_systemd("READY=1", environment({{"NOTIFY_SOCKET", "/nowhere/at/all"}}));
  notify_systemd("READY=1", environment({{"NOTIFY_SOCKET", "relative"}}));
  notify_systemd("READY=1", environment({{"NOTIFY_SOCKET", "/" + std::string(200, 'x')}}));
}

TEST_CASE("the watchdog is fed twice as often as it wants, by the process it watches") {
  CHECK(watchdog_interval(environment({{"WATCHDOG_USEC", "60000000"}})) == 30s);
  CHECK(watchdog_interval(environment(
            {{"WATCHDOG_USEC", "60000000"}, {"WATCHDOG_PID", std::to_string(::getpid())}})) == 30s);
  CHECK_FALSE(
      watchdog_interval(environment({{"WATCHDOG_USEC", "60000000"}, {"WATCHDOG_PID", "1"}})));
  CHECK_FALSE(watchdog_interval(environment({})));
  for (const char* nonsense : {"", "0", "-1", "soon", "1e6"})
    CHECK_FALSE(watchdog_interval(environment({{"WATCHDOG_USEC", nonsense}})));
}

}  // namespace systemd_test
