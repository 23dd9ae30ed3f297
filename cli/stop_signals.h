// The signals that end a command in order, and the exit code that says so.
#pragma once

#include <vector>

namespace wasync {

// SIGINT, SIGTERM, and SIGHUP: the terminal is gone, or the SSH connection to it. Without SIGHUP
// when the process was started to ignore it, as nohup(1) does.
std::vector<int> stop_signals();

// Whether there is a terminal that can go. (Not for a service, or in a job of cron.)
bool has_controlling_terminal();

// 128 + signal, as shells report a program that a signal ended.
constexpr int exit_code_of_signal(int signal) {
  return 128 + signal;
}

}  // namespace wasync
