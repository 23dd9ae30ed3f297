#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>
#include <optional>

#include "base/error.h"
#include "cli/account_choice.h"
#include "cli/commands.h"
#include "cli/env.h"
#include "cli/exit_code.h"
#include "cli/pair_view.h"
#include "cli/server.h"
#include "cli/term/qr_png.h"
#include "inbox/state_dir.h"
#include "session/device.h"

namespace wasync {
namespace {
namespace asio = boost::asio;

// The code as a picture beside the view, for as long as it can be scanned.
class QrPicture {
 public:
  explicit QrPicture(std::string file) : file_(std::move(file)) {}
  ~QrPicture() { remove(); }
  QrPicture(const QrPicture&) = delete;
  QrPicture& operator=(const QrPicture&) = delete;

  void show(const std::string& code) {
    if (file_.empty()) return;
    term::write_png(term::QrCode(code), file_);
    written_ = true;
  }
  void remove() {
    if (written_) unlink(file_.c_str());
    written_ = false;
  }

 private:
  std::string file_;
  bool written_ = false;
};

std::string account_namespace() {
  const std::string chosen = env("ACCOUNT_NAMESPACE");
  return chosen.empty() ? std::string(kDefaultAccountNamespace) : chosen;
}

// --phone says it best. --account may name an account that is to be made: then it must be a phone
// number. Left out, it is the one whose history was interrupted, if there is exactly one; otherwise
// whichever the phone that scans belongs to, which re-pairs a known one and adds a new one.
std::optional<AccountId> meant_account(const Console& console, const GlobalOptions& global,
                                       const PairOptions& options) {
  if (!options.phone.empty()) {
    const AccountId by_phone = account_id_for(options.phone, account_namespace());
    if (global.account.empty() || meant_account(console, global, {}) == by_phone) return by_phone;
    throw TranslatedError(ErrorCode::kUsage, console.say(Text::kPhoneOfAnother),
                          console.say(Text::kPhoneOfAnotherHint));
  }
  if (const auto phone = normalized_phone(global.account))
    return account_id_for(*phone, account_namespace());
  if (!global.account.empty()) return chosen_accounts(console, global).front().account.id;
  std::optional<AccountId> interrupted;
  for (const OpenAccount& each : all_accounts(global)) {
    migrate(*each.database, "session", session_migrations());
    const auto device = load_device(*each.database);
    if (!device || !device->history_awaited) continue;
    if (interrupted) return std::nullopt;
    interrupted = each.account.id;
  }
  return interrupted;
}

PairingOptions pairing_options(const Console& console, const GlobalOptions& global,
                               const PairOptions& options) {
  PairingOptions out;
  out.endpoint = endpoint_of(global);
  out.companion = companion_of(global);
  out.companion.full_history = options.full_history;
  out.account_namespace = account_namespace();
  out.account = meant_account(console, global, options);
  if (options.by_code) out.code_phone = options.phone;
  out.account_name = options.name;
  out.again = options.again;
  out.wait_for_history = options.wait;
  out.scan_timeout = options.timeout;
  // The built-in patience, where the user has not less of it.
  for (auto* patience : {&out.stall, &out.settle, &out.timings.iq_timeout})
    *patience = std::min<std::chrono::milliseconds>(*patience, options.timeout);
  return out;
}

// Everything that runs while `pair` does, on one thread.
class Run {
 public:
  Run(const Console& console, const PairOptions& options, StateDir state, PairingOptions pairing)
      : console_(console),
        view_(make_pair_view(console, options)),
        picture_(options.qr_png),
        second_(context_),
        stop_signals_(context_, SIGINT, SIGTERM),
        resize_signal_(context_, SIGWINCH),
        pairing_(std::make_shared<Pairing>(std::move(state), std::move(pairing),
                                           [this](const PairEvent& event) { take(event); })) {}

  int run() {
    wait_for_stop();
    wait_for_resize();
    tick();
    asio::co_spawn(context_, pairing_->run(), [this](std::exception_ptr error) {
      outcome_ = error;
      over_ = true;
      second_.cancel();
      stop_signals_.cancel();
      resize_signal_.cancel();
    });
    context_.run();
    view_.reset();
    picture_.remove();
    if (stopped_by_ != 0 && outcome_) return report_stopped();
    if (outcome_) std::rethrow_exception(outcome_);
    return static_cast<int>(ExitCode::kOk);
  }

 private:
  void take(const PairEvent& event) {
    if (const auto* qr = std::get_if<pair_event::Qr>(&event))
      picture_.show(qr->text);
    else
      picture_.remove();
    view_->show(event);
  }

  void tick() {
    second_.expires_after(std::chrono::seconds(1));
    second_.async_wait([this](boost::system::error_code error) {
      // A tick that was due already is not cancelled any more.
      if (error || over_) return;
      view_->tick();
      tick();
    });
  }

  void wait_for_resize() {
    resize_signal_.async_wait([this](boost::system::error_code error, int /*signal*/) {
      if (error || over_) return;
      view_->tick();
      wait_for_resize();
    });
  }

  // The first signal ends things in order; from then on the default action is back, so
  // that a second one ends the process at once.
  void wait_for_stop() {
    stop_signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (error || over_) return;
      stopped_by_ = signal;
      stop_signals_.clear();
      pairing_->stop();
    });
  }

  int report_stopped() const {
    try {
      std::rethrow_exception(outcome_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInterrupted) throw;
    }
    report(console_, TranslatedError(ErrorCode::kInterrupted, console_.say(Text::kInterrupted),
                                     console_.say(Text::kInterruptedHint)));
    return stopped_by_ == SIGINT ? kExitInterrupted : kExitTerminated;
  }

  const Console& console_;
  std::unique_ptr<PairView> view_;
  QrPicture picture_;
  asio::io_context context_{1};
  asio::steady_timer second_;
  asio::signal_set stop_signals_;
  asio::signal_set resize_signal_;
  std::shared_ptr<Pairing> pairing_;
  std::exception_ptr outcome_;
  bool over_ = false;
  int stopped_by_ = 0;
};

}  // namespace

int pair(const Console& console, const GlobalOptions& global, const PairOptions& options) {
  std::optional<std::filesystem::path> chosen;
  if (!global.state_dir.empty()) chosen = global.state_dir;
  StateDir state = StateDir::open(resolve_state_dir(chosen));
  return Run(console, options, std::move(state), pairing_options(console, global, options)).run();
}

}  // namespace wasync
