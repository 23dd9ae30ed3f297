// wa-sync-crash: wa-sync that ends as by kill -9 at a commit of the test's choosing, so that
// every instant between "decided" and "durable" and between "durable" and "told" can be had on
// purpose. And it can tell which statements it runs. Environment variables:
//
//   CRASH_TRACE=FILE           appends a line "before NAME" or "after NAME" for each commit
//   CRASH_AT=N:before NAME     ends at the Nth of these moments; an empty NAME means any
//   STATEMENTS=FILE            appends the text of each SQL statement once, ended by a NUL
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "base/sqlite.h"
#include "cli/run.h"

namespace {

int trace_file = -1;
std::string crash_moment;  // "before NAME"; "before " matches every name
std::atomic<int> moments_left{0};

void at_commit(std::string_view name, wasync::CommitMoment moment) {
  const std::string now =
      (moment == wasync::CommitMoment::kBefore ? "before " : "after ") + std::string(name);
  if (trace_file >= 0) {
    const std::string line = now + "\n";
    if (::write(trace_file, line.data(), line.size()) < 0) std::abort();
  }
  const bool any_name = crash_moment.ends_with(' ') && now.starts_with(crash_moment);
  if (!any_name && now != crash_moment) return;
  if (--moments_left == 0) std::raise(SIGKILL);
}

int statements_file = -1;
std::mutex statements_mutex;
std::set<std::string, std::less<>> statements;

void at_statement(const wasync::StatementCost& cost) {
  const std::lock_guard lock(statements_mutex);
  if (statements.contains(cost.sql)) return;
  const std::string& text = *statements.emplace(cost.sql).first;
  if (::write(statements_file, text.c_str(), text.size() + 1) < 0) std::abort();
}

int usage(const char* what) {
  std::fprintf(stderr, "wa-sync-crash: %s\n", what);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  umask(077);
  if (const char* file = std::getenv("CRASH_TRACE")) {
    trace_file = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace_file < 0) return usage("CRASH_TRACE cannot be opened");
  }
  if (const char* at = std::getenv("CRASH_AT")) {
    std::string_view text = at;
    const auto count = wasync::take_number<int>(text);
    if (!count || *count < 1 || !text.starts_with(':')) return usage("CRASH_AT: N:MOMENT NAME");
    moments_left = *count;
    crash_moment = text.substr(1);
  }
  if (const char* file = std::getenv("STATEMENTS")) {
    statements_file = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (statements_file < 0) return usage("STATEMENTS cannot be opened");
    wasync::observe_statements(at_statement);
  }
  wasync::observe_commits(at_commit);
  return wasync::run(std::vector<std::string>(argv + 1, argv + argc));
}
