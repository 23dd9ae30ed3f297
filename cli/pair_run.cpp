#include "cli/pair_run.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>

#include "base/error.h"
#include "base/secret_file.h"
#include "cli/error_report.h"
#include "cli/exit_code.h"
#include "cli/pair_view.h"
#include "cli/passkey_script.h"
#include "cli/stdin_lines.h"
#include "cli/stop_signals.h"
#include "cli/term/qr_png.h"
#include "firestore/upload_thread.h"
#include "inbox/queries.h"
#include "service/control.h"
#include "session/device/account_file.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

using Clock = std::chrono::steady_clock;

// How long Firestore may be away before the rest is left to a later run.
constexpr std::chrono::seconds kUploadPatience{60};

// A file beside the view, for as long as what stands in it is of use.
class FileWhileShown {
 public:
  explicit FileWhileShown(std::string file) : file_(std::move(file)) {}
  ~FileWhileShown() { remove(); }
  FileWhileShown(const FileWhileShown&) = delete;
  FileWhileShown& operator=(const FileWhileShown&) = delete;

  // Does nothing when no file was asked for.
  template <typename Write>
  void show(const Write& write) {
    if (file_.empty()) return;
    write(file_);
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

}  // namespace

struct PairRun::State {
  State(const Console& the_console, const PairOptions& the_options, const StateDir& directory,
        std::optional<FirestoreInbox> chosen)
      : console(the_console),
        options(the_options),
        state_dir(directory),
        inbox(std::move(chosen)),
        view(make_pair_view(the_console, the_options)),
        picture(the_options.qr_png),
        script(the_options.passkey_script),
        second(context),
        signals(context),
        resize_signal(context, SIGWINCH) {
    for (const int each : stop_signals()) signals.add(each);
  }

  const Console& console;
  const PairOptions& options;
  const StateDir& state_dir;
  std::optional<FirestoreInbox> inbox;
  std::unique_ptr<PairView> view;
  FileWhileShown picture;
  FileWhileShown script;
  asio::io_context context{1};
  asio::steady_timer second;
  asio::signal_set signals;  // that end it
  asio::signal_set resize_signal;
  std::shared_ptr<Pairing> pairing;
  std::unique_ptr<StdinLines> answers;  // while a passkey is to answer
  bool pairing_over = true;
  std::exception_ptr outcome;       // of linking and history
  std::optional<PairEvent> done;    // held back until everything is sent
  std::optional<AccountFile> file;  // of upload() alone
  std::unique_ptr<firestore::UploadThread> uploader;
  std::filesystem::path uploaded_file;
  std::optional<firestore::UploadState> upload;
  std::exception_ptr upload_outcome;
  Clock::time_point upload_moved_at = Clock::now();
  bool over = false;
  int stopped_by = 0;

  int run();
  void take(const PairEvent& event);
  void show_files(const PairEvent& event);
  void listen_for_answers();
  void start_upload(const AccountId& account);
  void take_upload(const firestore::UploadState& now);
  void give_up_upload_when_hopeless();
  void end_pairing(const std::exception_ptr& error);
  void end_upload(const std::exception_ptr& error);
  void end();
  void tick();
  void wait_for_resize();
  void wait_for_stop();
  int end_stopped() const;
  void check_upload() const;
};

PairRun::PairRun(const Console& console, const PairOptions& options, const StateDir& state,
                 std::optional<FirestoreInbox> inbox)
    : state_(std::make_unique<State>(console, options, state, std::move(inbox))) {}
PairRun::~PairRun() = default;

bool PairRun::uploads() const {
  return state_->inbox.has_value();
}

int PairRun::pair(PairingOptions pairing) {
  State& s = *state_;
  s.pairing_over = false;
  pairing.make_free = [&s](const AccountId& account) { ask_to_release(s.state_dir, account); };
  s.pairing = std::make_shared<Pairing>(s.state_dir, std::move(pairing),
                                        [&s](const PairEvent& event) { s.take(event); });
  asio::co_spawn(s.context, s.pairing->run(),
                 [&s](const std::exception_ptr& error) { s.end_pairing(error); });
  return s.run();
}

int PairRun::upload(const AccountId& account) {
  State& s = *state_;
  ask_to_release(s.state_dir, account);
  s.file = AccountFile::open(s.state_dir, account);
  const auto stored = read_account(*s.file->database);
  s.view->show(pair_event::Resumed{.account = account, .phone = stored ? stored->phone : ""});
  const InboxTotals totals = inbox_totals(*s.file->database);
  s.done = pair_event::Done{.account = account,
                            .threads = totals.threads,
                            .messages = totals.messages,
                            .contacts = totals.contacts,
                            .oldest_message_at = totals.oldest_message_at};
  s.start_upload(account);
  (*s.uploader)->finish();
  return s.run();
}

int PairRun::State::run() {
  wait_for_stop();
  wait_for_resize();
  tick();
  context.run();
  answers.reset();
  uploader.reset();
  if (done) view->show(*done);
  view.reset();
  picture.remove();
  script.remove();
  if (stopped_by != 0) return end_stopped();
  if (outcome) std::rethrow_exception(outcome);
  if (upload_outcome) std::rethrow_exception(upload_outcome);
  check_upload();
  return static_cast<int>(ExitCode::kOk);
}

void PairRun::State::take(const PairEvent& event) {
  show_files(event);
  if (std::holds_alternative<pair_event::Passkey>(event)) listen_for_answers();
  if (std::holds_alternative<pair_event::Paired>(event)) answers.reset();
  // The summary comes when there is nothing more to wait for.
  if (uploader && std::holds_alternative<pair_event::Done>(event)) {
    done = event;
    return;
  }
  view->show(event);
  if (const auto* paired = std::get_if<pair_event::Paired>(&event)) start_upload(paired->account);
  if (const auto* resumed = std::get_if<pair_event::Resumed>(&event))
    start_upload(resumed->account);
  if (uploader && std::holds_alternative<pair_event::History>(event))
    (*uploader)->wake(uploaded_file);
}

void PairRun::State::show_files(const PairEvent& event) {
  if (const auto* qr = std::get_if<pair_event::Qr>(&event))
    picture.show([&](const std::string& path) { term::write_png(term::QrCode(qr->text), path); });
  else
    picture.remove();
  if (const auto* passkey = std::get_if<pair_event::Passkey>(&event))
    script.show([&](const std::string& path) {
      write_secret_file(path, as_bytes(passkey_script(passkey->options)));
    });
  else if (!std::holds_alternative<pair_event::PasskeyRefused>(event))
    script.remove();
}

void PairRun::State::listen_for_answers() {
  if (answers) return;
  answers = std::make_unique<StdinLines>(
      context, [this](std::string line) { pairing->answer(std::move(line)); },
      [this] { pairing->end_answers(); });
}

// Its reports come from another thread, and are taken up on this one.
void PairRun::State::start_upload(const AccountId& account) {
  if (!inbox || uploader) return;
  uploaded_file = state_dir.account_file(account);
  uploader = std::make_unique<firestore::UploadThread>(*inbox);
  (*uploader)->add(
      uploaded_file,
      [this](const firestore::UploadState& now) {
        asio::post(context, [this, now] { take_upload(now); });
      },
      [this](const std::exception_ptr& error) {
        asio::post(context, [this, error] { end_upload(error); });
      });
}

void PairRun::State::take_upload(const firestore::UploadState& now) {
  if (!upload || upload->written != now.written) upload_moved_at = Clock::now();
  upload = now;
  view->show(now);
  give_up_upload_when_hopeless();
}

// Only once nothing else is waited for: until then there is nothing to lose by trying.
void PairRun::State::give_up_upload_when_hopeless() {
  if (!uploader || !pairing_over || !upload || !upload->trouble) return;
  const auto patience = std::min<std::chrono::milliseconds>(kUploadPatience, options.timeout);
  if (!upload->trouble->worth_retrying() || Clock::now() - upload_moved_at > patience)
    (*uploader)->stop();
}

void PairRun::State::end_pairing(const std::exception_ptr& error) {
  outcome = error;
  pairing_over = true;
  if (!uploader || upload_outcome) return end();
  upload_moved_at = Clock::now();
  if (stopped_by != 0)
    (*uploader)->stop();
  else
    (*uploader)->finish();
}

void PairRun::State::end_upload(const std::exception_ptr& error) {
  upload_outcome = error;
  if (pairing_over) return end();
  // Without the uploader the history still comes in; the rest is for another run.
}

void PairRun::State::end() {
  over = true;
  second.cancel();
  signals.cancel();
  resize_signal.cancel();
}

void PairRun::State::tick() {
  second.expires_after(std::chrono::seconds(1));
  second.async_wait([this](boost::system::error_code error) {
    // A tick that was due already is not cancelled any more.
    if (error || over) return;
    view->tick();
    give_up_upload_when_hopeless();
    tick();
  });
}

void PairRun::State::wait_for_resize() {
  resize_signal.async_wait([this](boost::system::error_code error, int /*signal*/) {
    if (error || over) return;
    view->tick();
    wait_for_resize();
  });
}

// The first signal ends things in order; from then on the default action is back, so that a
// second one ends the process at once.
void PairRun::State::wait_for_stop() {
  signals.async_wait([this](boost::system::error_code error, int signal) {
    if (error || over) return;
    stopped_by = signal;
    answers.reset();  // gives the terminal back before a second signal can end us
    signals.clear();
    if (!pairing_over)
      pairing->stop();
    else
      (*uploader)->stop();
  });
}

int PairRun::State::end_stopped() const {
  if (outcome) {
    try {
      std::rethrow_exception(outcome);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInterrupted) throw;
    }
  }
  return report_stopped(
      console, stopped_by,
      {"wa-sync pair continues where this stopped.", "wa-sync pair continuă de unde s-a oprit."});
}

// What could not be sent: said with its reason, after the summary.
void PairRun::State::check_upload() const {
  if (!inbox || !upload || upload->queued == 0) return;
  throw unfinished_upload(*inbox, *upload,
                          {"Nothing is lost: wa-sync pair sends the rest, without a new QR.",
                           "Nu s-a pierdut nimic: wa-sync pair trimite restul, fără un QR nou."});
}

}  // namespace wasync
