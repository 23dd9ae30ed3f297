// wa-sync-soak: what `wa-sync listen` runs, with every timer shortened so far that ten minutes are
// like a week. Prints the same events, and at the end {"event": "soak", "commits": {NAME: COUNT}}:
// what was written to the accounts' files, by the name of the transaction.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "base/log.h"
#include "base/sqlite.h"
#include "cli/console.h"
#include "cli/inbox_choice.h"
#include "cli/json_text.h"
#include "cli/listen_view.h"
#include "cli/options.h"
#include "cli/server.h"
#include "inbox/state_dir.h"
#include "service/service.h"

namespace {

namespace asio = boost::asio;
using namespace wasync;
using namespace std::chrono_literals;

std::mutex commits_mutex;
std::map<std::string, std::uint64_t, std::less<>> commits;

void count_commit(std::string_view name, CommitMoment moment) {
  if (moment != CommitMoment::kAfter) return;
  const std::lock_guard lock(commits_mutex);
  ++commits[std::string(name)];
}

// A thousandth of the defaults, where that is not shorter than an answer takes. A rotation of the
// signed pre-key must leave the old one usable for as long as a message is on its way, and a lease
// is kept in whole seconds.
ServiceOptions a_week_in_ten_minutes() {
  ServiceOptions out;
  out.session.timings.keep_alive_min = 20ms;
  out.session.timings.keep_alive_max = 30ms;
  out.session.timings.alive_mark = 60ms;
  out.session.timings.ask_phone_after = 500ms;
  out.session.timings.pre_key_check = 1s;
  out.session.timings.signed_pre_key_lifetime = 5s;
  out.first_backoff = 5ms;
  out.most_backoff = 300ms;
  out.look_every = 20ms;
  out.lease = 10s;
  out.renew_lease_every = 5ms;
  // The answer key is of what was written: the phone is asked for nothing older.
  out.auto_backfill.enabled = false;
  return out;
}

int run(const GlobalOptions& global) {
  const Console console = Console::from(global);
  const auto view = make_listen_view(console);
  ServiceOptions options = a_week_in_ten_minutes();
  options.session.endpoint = endpoint_of(global);
  options.instance_id = "soak";
  options.inbox = firestore_inbox(global);
  options.leases = firestore_inbox(global);

  asio::io_context context{1};
  asio::thread_pool workers{4};
  asio::signal_set signals(context, SIGINT, SIGTERM);
  const auto service = std::make_shared<Service>(
      context.get_executor(), workers.get_executor(), StateDir::open(global.state_dir),
      std::move(options), [&](const ServiceEvent& event) { view->show(event); });
  std::exception_ptr failure;
  asio::co_spawn(context, service->run(), [&](const std::exception_ptr& error) {
    failure = error;
    signals.cancel();
  });
  signals.async_wait([&](boost::system::error_code cancelled, int) {
    if (!cancelled) service->stop();
  });
  context.run();
  if (failure) std::rethrow_exception(failure);
  const std::lock_guard lock(commits_mutex);
  console.out(json_event("soak", {{"commits", commits}}) + "\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  umask(077);
  CLI::App app{"listen, with a week's timers in ten minutes"};
  GlobalOptions global;
  global.json = true;
  app.add_option("--state-dir", global.state_dir)->required();
  app.add_option("--server", global.server)->required();
  app.add_option("--server-key", global.server_key)->required();
  CLI11_PARSE(app, argc, argv);
  observe_commits(count_commit);
  log::start(log::Format::kText, 0);
  try {
    return run(global);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wa-sync-soak: %s\n", error.what());
    return 1;
  }
}
