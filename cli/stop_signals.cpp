#include "cli/stop_signals.h"

#include <fcntl.h>

#include <csignal>

#include "base/file_descriptor.h"

namespace wasync {

std::vector<int> stop_signals() {
  std::vector<int> signals{SIGINT, SIGTERM};
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) signals.push_back(SIGHUP);
  return signals;
}

bool has_controlling_terminal() {
  const FileDescriptor terminal(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC));
  return terminal.get() >= 0;
}

}  // namespace wasync
