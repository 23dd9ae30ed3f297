#include "service/account_run.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/log.h"
#include "inbox/account.h"
#include "session/device/device.h"

namespace wasync {
namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::chrono::minutes kOwnTroubleRest{1};  // a full disk, say
constexpr std::chrono::minutes kOddTroubleRest{10};
constexpr std::chrono::hours kUntilTold{24 * 365};
// After it was given to another command of this host, which has yet to take the lock.
constexpr std::chrono::seconds kTimeToTake{10};

Error stopped_here() {
  return {ErrorCode::kInterrupted,
          Phrase{"wa-sync listen was stopped", "wa-sync listen a fost oprit"}};
}

}  // namespace

AccountRun::AccountRun(asio::any_io_executor executor, asio::any_io_executor workers,
                       const StateDir& state_dir, AccountId id, ServiceOptions& options,
                       firestore::Uploader* uploader, firestore::ClientThread* leases,
                       Service::Report report)
    : executor_(std::move(executor)),
      workers_(std::move(workers)),
      state_dir_(state_dir),
      id_(std::move(id)),
      options_(options),
      path_(state_dir.account_file(id_)),
      pause_over_(executor_),
      lease_over_(executor_),
      held_(as_held(std::move(report))),
      record_(held_, options.instance_id),
      uploads_(std::make_shared<AccountUploads>(executor_, uploader, path_, held_)),
      arrivals_(executor_, held_, record_),
      backfills_(executor_, held_, leases),
      auto_backfill_(executor_, held_, backfills_, leases,
                     {.instance_id = options.instance_id,
                      .life = options.life,
                      .life_file = state_dir.account_dir(id_) / "backfill-lease",
                      .choice = options.backfill.choice,
                      .schedule = options.auto_backfill}),
      answers_(held_, record_, *uploads_, backfills_, options.instance_id, [this] {
        release(Error(ErrorCode::kInterrupted, "another command of this host took over"));
      }) {
  if (leases == nullptr) return;
  lease_ = std::make_unique<LeaseHolder>(executor_, *leases, firestore::kConnectionLease, id_,
                                         options_.instance_id, options_.lease, options_.boot_time);
  if (!options_.life.id.empty()) lease_->remember(options_.life, lease_life_file(state_dir, id_));
}

AccountRun::~AccountRun() = default;

HeldAccount AccountRun::as_held(Service::Report report) {
  return {.id = id_,
          .state = [this] { return state_; },
          .database = [this] { return file_ ? file_->database.get() : nullptr; },
          .is_online = [this] { return online_ && online_->is_online(); },
          .session = [this] { return online_ ? online_->session() : nullptr; },
          .history_busy = [this] { return online_ && online_->history_busy(); },
          .end_connection =
              [this](const std::exception_ptr& reason) {
                if (online_) online_->end(reason);
              },
          .wake_uploads = [this] { uploads_->wake(); },
          .report = std::move(report)};
}

asio::awaitable<void> AccountRun::run() {
  const auto self = shared_from_this();
  // One that was deleted is over; should it come again, it gets another run.
  while (state_ != AccountState::kStopped && state_dir_.has_account(id_)) {
    if (state_ == AccountState::kReleased) co_await until_taken_by_another();
    turn(AccountTurn::kLook);
    milliseconds time = options_.look_every;
    std::optional<Error> trouble;
    try {
      co_await look();
    } catch (const Error& error) {
      trouble = error;
    } catch (const std::exception& error) {
      trouble = Error(ErrorCode::kInternal, error.what());
    }
    if (trouble && trouble->code() == ErrorCode::kHeldElsewhere) {
      turn(AccountTurn::kHeld);
    } else if (trouble) {
      turn(AccountTurn::kTrouble);
      record_.halted(*trouble, kOwnTroubleRest);
      time = kOwnTroubleRest;
    }
    if (state_ != AccountState::kReleased) co_await pause(time);
  }
}

void AccountRun::stop() {
  turn(AccountTurn::kStopAsked);
  end(stopped_here());
}

void AccountRun::release(const Error& reason) {
  turn(AccountTurn::kReleaseAsked);
  end(reason);
}

void AccountRun::end(const Error& reason) {
  pause_over_.notify();
  lease_over_.notify();
  if (online_) online_->end(std::make_exception_ptr(reason));
}

void AccountRun::retry() {
  record_.forget_halt();
  pause_over_.notify();
}

asio::awaitable<void> AccountRun::pause(milliseconds time) {
  if (is_wanted(state_)) co_await pause_over_.wait_for(time);
}

// Or until whoever asked for it seems to have changed its mind.
asio::awaitable<void> AccountRun::until_taken_by_another() {
  for (milliseconds waited{0}; waited < kTimeToTake && !AccountLock::holder(state_dir_, id_);
       waited += options_.look_every)
    co_await pause(options_.look_every);
}

// Has it, and holds it, if that may be.
asio::awaitable<void> AccountRun::look() {
  if (state_ != AccountState::kLooking || !is_linked() || is_held_by_another()) co_return;
  const bool ours = co_await claim();
  if (!ours) co_return;
  std::optional<Error> failure;
  try {
    file_ =
        std::make_shared<AccountFile>(AccountFile::open(state_dir_, id_, options_.search_index));
    turn(AccountTurn::kTaken);
    auto_backfill_.begin();
    co_await hold();
  } catch (const Error& error) {
    failure = error;
  }
  turn(AccountTurn::kEnded);
  file_.reset();
  co_await auto_backfill_.release_lease();
  if (lease_) co_await lease_->release();
  turn(AccountTurn::kLetGo);
  if (failure) throw Error(*failure);
}

// Whether it is worth taking the lock, which `pair` may want this very moment.
bool AccountRun::is_linked() {
  const auto database = open_beside_holder(state_dir_, id_, milliseconds(0));
  const auto account = read_account(*database);
  const bool known = account && load_device(*database);
  if (known) phone_ = account->phone;
  if (known && account->status != AccountStatus::kLoggedOut) return true;
  turn(AccountTurn::kNotLinked);
  return false;
}

bool AccountRun::is_held_by_another() {
  const auto pid = AccountLock::holder(state_dir_, id_);
  if (!pid) return false;
  turn(AccountTurn::kHeld);
  record_.waits_for(*pid > 0 ? "process " + std::to_string(*pid) : "another process", false);
  return true;
}

asio::awaitable<bool> AccountRun::claim() {
  if (!lease_) co_return true;
  const LeaseHolder::Standing standing = co_await lease_->claim();
  if (standing != LeaseHolder::Standing::kTaken) co_return state_ != AccountState::kStopped;
  turn(AccountTurn::kLeased);
  record_.waits_for(lease_->holder(), true);
  co_await pause(options_.lease / 6);
  co_return false;
}

// As long as it is ours by this hold.
asio::awaitable<void> AccountRun::keep_claim(std::weak_ptr<AccountFile> file) {
  const auto self = shared_from_this();
  while (lease_ && !file.expired() && is_wanted(state_)) {
    const milliseconds time = options_.renew_lease_every.value_or(options_.lease / 3);
    std::function<bool()> over = [&] { return file.expired() || !is_wanted(state_); };
    co_await pass(lease_over_, time, options_.boot_time, over);
    if (over()) co_return;
    co_await renew();
  }
}

asio::awaitable<void> AccountRun::renew() {
  const LeaseHolder::Standing standing = co_await lease_->claim();
  if (standing == LeaseHolder::Standing::kTaken)
    release(Error(ErrorCode::kHeldElsewhere, Phrase{"another instance has taken the account over",
                                                    "altă instanță a preluat contul"}));
}

// While this host slept, another one may have taken the account: a login would take it back.
asio::awaitable<void> AccountRun::renew_if_lapsed() {
  if (lease_ && lease_->has_lapsed()) co_await renew();
}

asio::awaitable<void> AccountRun::hold() {
  record_.taken();
  std::optional<Error> failure;
  Error reason = stopped_here();
  try {
    reason = co_await stay_online();
  } catch (const Error& error) {
    failure = error;
  } catch (const std::exception& error) {
    failure = Error(ErrorCode::kInternal, error.what());
  }
  if (failure) reason = *failure;
  turn(AccountTurn::kEnded);
  co_await let_go(reason);
  if (failure) throw Error(*failure);
}

// Until the account is not wanted any more; why.
asio::awaitable<Error> AccountRun::stay_online() {
  control_ = std::make_unique<ControlServer>(
      executor_, state_dir_, id_,
      [self = shared_from_this()](nlohmann::ordered_json request,
                                  std::shared_ptr<ControlAsker> asker) {
        return self->answers_.answer(std::move(request), std::move(asker));
      });
  control_->start();
  uploads_->start();
  asio::co_spawn(executor_, keep_claim(file_), asio::detached);
  Error reason = stopped_here();
  while (is_wanted(state_)) {
    reason = co_await online_once();
    if (!is_wanted(state_) || reason.code() == ErrorCode::kLoggedOut) break;
    co_await rest(reason);
  }
  co_return reason;
}

asio::awaitable<Error> AccountRun::online_once() {
  online_ =
      std::make_shared<Online>(executor_, workers_, *file_, path_,
                               OnlineOptions{.session = options_.session,
                                             .first_backoff = options_.first_backoff,
                                             .most_backoff = options_.most_backoff,
                                             .boot_time = options_.boot_time,
                                             .before_another = [this] { return renew_if_lapsed(); },
                                             .waits_for_room = true},
                               online_events());
  Error reason = stopped_here();
  try {
    co_await online_->run();
  } catch (const Error& error) {
    reason = error;
  } catch (const std::exception& error) {
    reason = Error(ErrorCode::kInternal, error.what());
  }
  arrivals_.note();
  record_.offline();
  online_.reset();
  co_return reason;
}

OnlineEvents AccountRun::online_events() {
  OnlineEvents events;
  events.on_ready = [this] {
    turn(AccountTurn::kLoggedIn);
    uploads_->wake();
    backfills_.connection_changed();
    record_.connected(phone_);
  };
  events.on_message = [this](std::uint64_t messages) {
    arrivals_.came(messages);
    uploads_->wake();
  };
  events.on_chunk_done = [this](const ChunkStatus& chunk) {
    uploads_->wake();
    record_.left_out(chunk.left_out);
    auto_backfill_.chunk_done(chunk);
    backfills_.chunk_done(chunk);
    held_.report(service_event::History{.account = id_, .chunk = chunk});
  };
  events.on_chunk_failed = [this](const ChunkStatus& chunk, const Error& error) {
    backfills_.chunk_failed(chunk, error);
    held_.report(service_event::History{.account = id_, .chunk = chunk, .failure = error});
  };
  events.on_request_failed = [this](const FailedRequest& failed) {
    backfills_.request_failed(failed);
  };
  events.on_app_state_idle = [this] { uploads_->wake(); };
  events.on_offline = [this](const Error& reason, milliseconds wait) {
    turn(AccountTurn::kDisconnected);
    uploads_->wake();
    backfills_.connection_changed();
    record_.disconnected(online_->session()->counts(), reason, wait);
  };
  return events;
}

// How long depends on who has to do something about it.
asio::awaitable<void> AccountRun::rest(const Error& reason) {
  std::optional<milliseconds> time = kOddTroubleRest;
  switch (reason.code()) {
    case ErrorCode::kReplaced: time.reset(); break;
    case ErrorCode::kBanned:
    case ErrorCode::kClientOutdated:
    case ErrorCode::kServerRefused: time = options_.refused_rest; break;
    case ErrorCode::kStore:
    case ErrorCode::kIo: time = kOwnTroubleRest; break;
    default: break;
  }
  turn(AccountTurn::kRefused);
  record_.halted(reason, time);
  co_await pause(time.value_or(kUntilTold));
  if (reason.code() == ErrorCode::kClientOutdated && is_wanted(state_))
    co_await refresh_companion();
  turn(AccountTurn::kRested);
}

asio::awaitable<void> AccountRun::refresh_companion() {
  if (!options_.companion) co_return;
  auto asking = asio::co_spawn(
      workers_,
      [](std::function<CompanionOptions()> ask) -> asio::awaitable<CompanionOptions> {
        co_return ask();
      }(options_.companion),
      asio::use_awaitable);
  options_.session.companion = co_await std::move(asking);
}

// The status in the Inbox says that nobody listens any more.
asio::awaitable<void> AccountRun::let_go(const Error& reason) {
  if (reason.code() == ErrorCode::kLoggedOut) record_.halted(reason, std::nullopt);
  try {
    update_account(*file_->database, [&](Account& account) {
      if (account.status == AccountStatus::kLoggedOut) return;
      account.status = AccountStatus::kDisconnected;
      account.last_disconnect_reason = reason.what();
    });
  } catch (const Error& error) {
    log::warn("{}: the account's status could not be stored: {}", id_.str(), error.what());
  }
  auto_backfill_.end();
  lease_over_.notify();
  co_await backfills_.end(reason);
  co_await uploads_->end(options_.last_moment);
  control_.reset();
}

asio::awaitable<void> AccountRun::scheduled_backfill(BackfillTrigger trigger) {
  const auto self = shared_from_this();
  co_await auto_backfill_.run(trigger);
}

}  // namespace wasync
