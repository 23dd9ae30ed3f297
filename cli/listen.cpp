#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <exception>
#include <optional>
#include <string>

#include "base/log.h"
#include "cli/account_choice.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/diagnose.h"
#include "cli/env.h"
#include "cli/inbox_choice.h"
#include "cli/listen_view.h"
#include "cli/run.h"
#include "cli/server.h"
#include "cli/stop_signals.h"
#include "inbox/state_dir.h"
#include "service/http_api.h"
#include "service/open_files.h"
#include "service/service.h"
#include "service/systemd.h"

namespace wasync {
namespace {
namespace asio = boost::asio;

// Blobs are fetched and stored there, of all accounts.
constexpr std::size_t kWorkers = 4;
// The HTTP API reads there, so that no client waits behind a blob. One diagnosis takes seconds of
// one of them, and there is one at a time.
constexpr std::size_t kReaders = 3;

std::string instance_id() {
  const std::string chosen = env("INSTANCE_ID");
  if (!chosen.empty()) return chosen;
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + "-" + std::to_string(::getpid());
}

ServiceOptions service_options(const GlobalOptions& global, const ListenOptions& options) {
  ServiceOptions out;
  out.session.endpoint = traced_endpoint_of(global);
  out.companion = [global] { return companion_of(global); };
  out.session.companion = out.companion();
  out.session.companion_again = companion_again(global);
  out.instance_id = instance_id();
  out.life = new_lease_life();
  out.lease = options.lease;
  out.backfill.choice.most = options.backfill_threads;
  out.backfill.limits.per_thread = static_cast<std::int64_t>(options.backfill_count);
  out.auto_backfill = options.auto_backfill;
  out.search_index = global.search_index;
  out.inbox = firestore_inbox(global);
  out.leases = firestore_inbox(global);
  if (!global.account.empty()) out.only = {chosen_account(global).id};
  return out;
}

HttpApiOptions http_options(const GlobalOptions& global, const ListenOptions& options) {
  HttpApiOptions out{.address = options.http, .version = WASYNC_VERSION};
  if (!options.http_token_file.empty()) out.access.token_file = options.http_token_file;
  if (!options.firebase_project.empty()) out.access.firebase_project = options.firebase_project;
  if (!options.http_allow.empty()) {
    out.access.allow_file = options.http_allow;
    out.access.inbox = firestore_inbox(global);
  }
  out.access.keys.url = firebase_keys_url();
  return out;
}

// Everything on one thread: the accounts, signals, and what systemd is told.
class Listening {
 public:
  Listening(const Console& console, const GlobalOptions& global, StateDir state,
            ServiceOptions options)
      : console_(console),
        global_(global),
        view_(make_listen_view(console)),
        instance_(options.instance_id),
        accounts_(options.only.empty() ? state.accounts().size() : options.only.size()),
        signals_(context_),
        watchdog_(context_),
        service_(std::make_shared<Service>(
            context_.get_executor(), workers_.get_executor(), std::move(state), std::move(options),
            [this](const ServiceEvent& event) { view_->show(event); })) {
    for (const int each : stop_signals()) signals_.add(each);
    if (!has_terminal_) signals_.add(SIGHUP);
  }

  // Before run(). Throws what HttpApi does.
  void serve_http(StateDir state, HttpApiOptions options) {
    ServiceView view{
        .state = [this] { return service_->state(); },
        .start_backfill = [this](const AccountId& id) { return service_->start_backfill(id); },
        .diagnose =
            [this](const AccountId& id) { return account_diagnosis(console_, global_, id); }};
    http_.emplace(context_.get_executor(), readers_.get_executor(), std::move(state),
                  std::move(view), std::move(options));
  }

  int run() {
    std::exception_ptr failure;
    asio::co_spawn(context_, serve(), [&](const std::exception_ptr& error) {
      failure = error;
      over_ = true;
      signals_.cancel();
      watchdog_.cancel();
    });
    wait_for_signal();
    feed_watchdog();
    if (http_) http_->start();
    view_->started(accounts_, instance_, http_ ? http_->address() : "");
    notify_systemd("READY=1");
    context_.run();
    if (failure) std::rethrow_exception(failure);
    return hung_up_ ? exit_code_of_signal(SIGHUP) : 0;
  }

 private:
  // The HTTP API answers while it stops.
  asio::awaitable<void> serve() {
    std::exception_ptr failure;
    try {
      co_await service_->run();
    } catch (...) {
      failure = std::current_exception();
    }
    if (http_) co_await http_->stop();
    if (failure) std::rethrow_exception(failure);
  }

  // The first signal ends things in order; from then on the default action is back, so that a
  // second one ends the process at once. SIGHUP says that the terminal is gone; where there was
  // none, it is the word of a supervisor to read the configuration again.
  void wait_for_signal() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (error || over_) return;
      if (signal == SIGHUP && !has_terminal_) {
        reload();
        return wait_for_signal();
      }
      hung_up_ = signal == SIGHUP;
      signals_.clear();
      view_->stopping();
      notify_systemd("STOPPING=1");
      service_->stop();
    });
  }

  // What is wrong with the configuration now does not end what runs well.
  void reload() {
    notify_systemd("RELOADING=1");
    try {
      const auto parsed = parse_command_line(global_.arguments);
      const auto& again = std::get<Invocation>(parsed);
      log::start(again.global.log_json ? log::Format::kJson : log::Format::kText,
                 log_level(again, Console::from(again.global)));
      log::info("configuration read again; accounts at rest are tried again");
    } catch (const Error& error) {
      log::error("the configuration stays as it was: {}", error.what());
    }
    if (http_) http_->reload();
    service_->retry();
    notify_systemd("READY=1");
  }

  void feed_watchdog() {
    const auto interval = watchdog_interval();
    if (!interval) return;
    notify_systemd("WATCHDOG=1");
    watchdog_.expires_after(*interval);
    watchdog_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled && !over_) feed_watchdog();
    });
  }

  const Console& console_;
  const GlobalOptions& global_;
  std::unique_ptr<ListenView> view_;
  std::string instance_;
  std::size_t accounts_;
  asio::io_context context_{1};
  asio::thread_pool workers_{kWorkers};
  const bool has_terminal_ = has_controlling_terminal();
  bool hung_up_ = false;
  asio::thread_pool readers_{kReaders};
  asio::signal_set signals_;
  asio::steady_timer watchdog_;
  bool over_ = false;
  std::shared_ptr<Service> service_;
  std::optional<HttpApi> http_;
};

}  // namespace

int listen(const Console& console, const GlobalOptions& global, const ListenOptions& options) {
  const bool guarded = !options.http_token_file.empty() || !options.firebase_project.empty();
  if (options.http.empty() && guarded) {
    throw Error(ErrorCode::kUsage,
                Phrase{"--http-token-file and --firebase-project need --http",
                       "--http-token-file și --firebase-project cer și --http"},
                Phrase{"Add --http ADDR:PORT.", "Adaugă --http ADDR:PORT."});
  }
  if (!options.http_allow.empty() && options.firebase_project.empty()) {
    throw Error(
        ErrorCode::kUsage,
        Phrase{"--http-allow needs --firebase-project", "--http-allow cere și --firebase-project"},
        Phrase{"Add --firebase-project ID: the list names its users.",
               "Adaugă --firebase-project ID: lista îi numește utilizatorii."});
  }
  std::optional<std::filesystem::path> chosen;
  if (!global.state_dir.empty()) chosen = global.state_dir;
  allow_many_open_files();
  StateDir state = StateDir::open(resolve_state_dir(chosen));
  Listening listening(console, global, state, service_options(global, options));
  if (!options.http.empty()) listening.serve_http(state, http_options(global, options));
  return listening.run();
}

}  // namespace wasync
