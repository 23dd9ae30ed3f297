#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/text.h"
#include "cli/account_choice.h"
#include "cli/backfill_view.h"
#include "cli/commands.h"
#include "cli/error_report.h"
#include "cli/exit_code.h"
#include "cli/inbox_choice.h"
#include "cli/server.h"
#include "cli/stop_signals.h"
#include "cli/thread_choice.h"
#include "firestore/client.h"
#include "firestore/upload_thread.h"
#include "inbox/queries.h"
#include "inbox/state_dir.h"
#include "service/backfill_line.h"
#include "service/control.h"
#include "service/held_anchors.h"
#include "session/backfill/backfill_run.h"

namespace wasync {
namespace {
namespace asio = boost::asio;

// Behind the deadline, so that the job can end in order.
constexpr std::chrono::seconds kLastWords{60};
constexpr std::chrono::seconds kSendPatience{60};
constexpr std::chrono::seconds kLookUpPatience{5};  // of a Firestore that is unwell

constexpr Phrase kRunAgain{
    "wa-sync keeps what has arrived; run the same command again to continue from there.",
    "wa-sync păstrează ce a sosit; rulează din nou aceeași comandă ca să continue de acolo."};

ThreadId thread_meant(Database& database, const std::string& text) {
  const FoundThread found = find_thread(database, text);
  if (const auto* thread = std::get_if<ThreadListing>(&found)) return thread->thread;
  const auto* several = std::get_if<AmbiguousThread>(&found);
  throw not_one_thread(text, several ? several->candidates : std::vector<ThreadListing>{});
}

BackfillRequest request_of(Database& database, const BackfillOptions& options) {
  BackfillRequest request;
  for (const std::string& text : options.threads)
    request.choice.threads.push_back(thread_meant(database, text));
  request.choice.most = options.most;
  request.choice.force = options.force;
  request.limits.per_thread = static_cast<std::int64_t>(options.count);
  request.limits.deadline = options.timeout;
  request.limits.in_flight = options.in_flight;
  return request;
}

void show_plan(BackfillView& view, const BackfillPlan& plan) {
  using namespace backfill_event;
  const auto threads = static_cast<std::int64_t>(plan.threads.size());
  view.show(Start{.threads = threads, .skipped = plan.skipped});
  for (const PlannedThread& each : plan.threads)
    view.show_plan(
        {.thread = each.thread,
         .result = each.exhausted ? BackfillOutcome::kExhausted : BackfillOutcome::kNoAnchor},
        !each.exhausted && each.has_anchor);
  view.show(Done{.threads = threads});
}

// Notes what is to stop the command while it lives; a second signal ends the process at once.
class SignalWatch {
 public:
  SignalWatch() {
    struct sigaction note {};
    note.sa_handler = [](int signal) { came_ = signal; };
    note.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int each : signals_) sigaction(each, &note, &before_[each]);
  }
  ~SignalWatch() {
    for (const int each : signals_) sigaction(each, &before_[each], nullptr);
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  static int came() { return came_; }  // 0: none

 private:
  static inline volatile std::sig_atomic_t came_ = 0;
  const std::vector<int> signals_ = stop_signals();
  std::map<int, struct sigaction> before_{};
};

// Shows events, and remembers what the exit code depends on.
struct Watch {
  BackfillView& view;
  std::int64_t errors = 0;

  void operator()(const BackfillEvent& event) {
    if (const auto* done = std::get_if<backfill_event::Done>(&event)) errors = done->errors;
    view.show(event);
  }
};

void add_anchors(BackfillPlan& plan, const FirestoreInbox& inbox) {
  HttpClient http;
  firestore::Client client(http, *inbox.credentials, inbox.target, {}, kLookUpPatience);
  add_held_anchors(plan, client);
}

// Whether a running `listen` took the request.
bool delegated(const StateDir& state, const AccountId& account, const BackfillRequest& request,
               Watch& watch) {
  const auto show = [&](const nlohmann::ordered_json& line) {
    if (const auto event = backfill_event_from(line)) watch(*event);
  };
  const SignalWatch signals;
  const auto last =
      ask_holder(state, account, to_json(request), request.limits.deadline + kLastWords, show,
                 [&] { return SignalWatch::came() != 0; });
  if (last) show(*last);
  return last.has_value();
}

// Runs it here; which signal stopped it, or 0.
int run_here(AccountFile& file, const StateDir& state, SessionOptions session, BackfillPlan plan,
             const BackfillLimits& limits, Watch& watch) {
  int stopped_by = 0;
  bool over = false;
  std::exception_ptr failure;
  Stop stop;
  asio::io_context context(1);
  asio::thread_pool workers(1);
  asio::signal_set signals(context);
  for (const int each : stop_signals()) signals.add(each);
  signals.async_wait([&](boost::system::error_code cancelled, int signal) {
    if (cancelled || over) return;
    stopped_by = signal;
    signals.clear();  // a second one ends the process at once
    stop.request(Error(ErrorCode::kInterrupted,
                       Phrase{"the backfill was interrupted", "backfill a fost întrerupt"}));
  });
  OnlineOptions online{.session = std::move(session)};
  Backfill::Report report = std::ref(watch);
  asio::co_spawn(context,
                 run_backfill(workers.get_executor(), file, state.account_file(file.id),
                              std::move(online), std::move(plan), limits, std::move(report), stop),
                 [&](const std::exception_ptr& error) {
                   over = true;
                   failure = error;
                   signals.cancel();
                 });
  context.run();
  if (stopped_by == 0 && failure) std::rethrow_exception(failure);
  return stopped_by;
}

// What is new goes to the Inbox as well. (A running `listen` sends by itself.)
void send_to_inbox(const FirestoreInbox& inbox, const std::filesystem::path& account_file) {
  const firestore::UploadState state = firestore::upload_now(account_file, inbox, kSendPatience);
  if (state.queued > 0) throw unfinished_upload(inbox, state, kRunAgain);
}

}  // namespace

int backfill(const Console& console, const GlobalOptions& global, const BackfillOptions& options) {
  const Account account = chosen_account(global);
  const StateDir state = StateDir::open(resolve_state_dir(
      global.state_dir.empty() ? std::nullopt
                               : std::optional<std::filesystem::path>(global.state_dir)));
  Database database(state.account_file(account.id), Database::Mode::kReadWrite);
  const BackfillRequest request = request_of(database, options);
  BackfillPlan plan = plan_backfill(database, request.choice);
  if (plan.existing == 0)
    throw Error(
        ErrorCode::kNothingToDo,
        Phrase{"there is no conversation to fill: backfill fills conversations that exist, "
               "and never creates one",
               "nu există nicio conversație de completat: backfill completează conversații "
               "deja existente, nu creează niciodată una"},
        Phrase{"Two things create conversations: link the phone again, which brings its "
               "history (wa-sync pair --again), or send or receive a message.",
               "Conversațiile apar în două feluri: conectează din nou telefonul, care aduce "
               "istoricul (wa-sync pair --again), sau trimite ori primește un mesaj."});
  const auto view = make_backfill_view(console);
  if (options.dry_run) {
    show_plan(*view, plan);
    return static_cast<int>(ExitCode::kOk);
  }
  Watch watch{.view = *view};
  const std::optional<FirestoreInbox> inbox = firestore_inbox(global);
  bool by_listener = false;
  try {
    by_listener = delegated(state, account.id, request, watch);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted || SignalWatch::came() == 0) throw;
    view->release();
    return report_stopped(console, SignalWatch::came(), kRunAgain);
  }
  if (!by_listener) {
    AccountFile file = AccountFile::open(state, account.id, global.search_index);
    SessionOptions session;
    session.endpoint = traced_endpoint_of(global);
    session.companion = companion_of(global);
    session.companion_again = companion_again(global);
    if (inbox) add_anchors(plan, *inbox);
    int stopped_by = 0;
    std::exception_ptr failure;
    try {
      stopped_by =
          run_here(file, state, std::move(session), std::move(plan), request.limits, watch);
    } catch (...) {
      failure = std::current_exception();
    }
    view->release();
    if (stopped_by != 0) return report_stopped(console, stopped_by, kRunAgain);
    try {  // also what came before it failed
      if (inbox) send_to_inbox(*inbox, state.account_file(account.id));
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
    if (failure) std::rethrow_exception(failure);
  }
  if (watch.errors > 0)
    throw Error(
        ErrorCode::kMedia,
        Phrase{"{}: the older messages could not be fetched",
               "{}: mesajele mai vechi nu au putut fi aduse"}
            .with(counted(noun::kConversation, watch.errors)),
        Phrase{"Run the same command again; add --verbose to see why it fails.",
               "Rulează din nou aceeași comandă; adaugă --verbose ca să vezi de ce eșuează."});
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace wasync
