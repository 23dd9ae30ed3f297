#include "service/account_run.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "inbox/account.h"
#include "inbox/queries.h"
#include "inbox/schema.h"
#include "service/account_repair.h"
#include "service/lease_holder.h"
#include "session/device/device.h"
#include "session/receive/awaited_messages.h"

namespace wasync {
namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::chrono::minutes kOwnTroubleRest{1};  // a full disk, say
constexpr std::chrono::minutes kOddTroubleRest{10};
constexpr std::chrono::seconds kRealtimeEvery{2};
// After it was given to another command of this host, which has yet to take the lock.
constexpr std::chrono::seconds kReleased{10};

Error stopped_here() {
  return {ErrorCode::kInterrupted,
          Phrase{"wa-sync listen was stopped", "wa-sync listen a fost oprit"}};
}

}  // namespace

AccountRun::AccountRun(asio::any_io_executor executor, asio::any_io_executor workers,
                       const StateDir& state, AccountId id, ServiceOptions& options,
                       firestore::Uploader* uploader, firestore::ClientThread* leases,
                       Service::Report report)
    : executor_(std::move(executor)),
      workers_(std::move(workers)),
      state_(state),
      id_(std::move(id)),
      options_(options),
      uploader_(uploader),
      leases_(leases),
      report_(std::move(report)),
      path_(state.account_file(id_)),
      pause_timer_(executor_),
      lease_timer_(executor_),
      upload_timer_(executor_),
      realtime_timer_(executor_),
      backfill_timer_(executor_) {
  if (leases != nullptr)
    lease_ = std::make_unique<LeaseHolder>(executor_, *leases, firestore::kConnectionLease, id_,
                                           options_.instance_id, options_.lease);
}

AccountRun::~AccountRun() = default;

asio::awaitable<void> AccountRun::run() {
  const auto self = shared_from_this();
  // One that was deleted is over; should it come again, it gets another run.
  while (!stopped_ && state_.has_account(id_)) {
    std::optional<Error> trouble;
    try {
      co_await one_hold();
    } catch (const Error& error) {
      trouble = error;
    } catch (const std::exception& error) {
      trouble = Error(ErrorCode::kInternal, error.what());
    }
    if (trouble && trouble->code() != ErrorCode::kHeldElsewhere) {
      halted(*trouble, kOwnTroubleRest);
      co_await pause(kOwnTroubleRest);
    } else {
      co_await pause(options_.look_every);
    }
  }
}

void AccountRun::stop() {
  stopped_ = true;
  end(stopped_here());
}

void AccountRun::retry() {
  last_halt_.clear();
  pause_timer_.cancel();
}

void AccountRun::end(const Error& reason) {
  pause_timer_.cancel();
  lease_timer_.cancel();
  if (online_) online_->end(std::make_exception_ptr(reason));
}

asio::awaitable<void> AccountRun::pause(milliseconds time) {
  if (!wanted()) co_return;
  pause_timer_.expires_after(time);
  boost::system::error_code woken;
  co_await pause_timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

// Whether it is worth taking the lock, which `pair` may want this very moment.
bool AccountRun::is_linked() {
  Database database(path_, Database::Mode::kReadWrite);
  migrate_inbox(database);
  migrate(database, "session", session_migrations());
  const auto account = read_account(database);
  if (!account || !load_device(database)) return false;
  phone_ = account->phone;
  return account->status != AccountStatus::kLoggedOut;
}

bool AccountRun::is_held_by_another() {
  const auto pid = AccountLock::holder(state_, id_);
  if (!pid) return false;
  waiting_for(*pid > 0 ? "process " + std::to_string(*pid) : "another process", false);
  return true;
}

asio::awaitable<void> AccountRun::one_hold() {
  if (std::exchange(released_, false)) {
    // Whoever asked for it takes it now, or has changed its mind.
    for (milliseconds waited{0}; waited < kReleased && !AccountLock::holder(state_, id_);
         waited += options_.look_every)
      co_await pause(options_.look_every);
  }
  if (stopped_ || !is_linked() || is_held_by_another()) co_return;
  const bool ours = co_await claim();
  if (!ours) co_return;
  std::optional<Error> failure;
  try {
    file_ = AccountFile::open(state_, id_);
    take_up_scheduled();
    auto holding = hold();
    co_await std::move(holding);
  } catch (const Error& error) {
    failure = error;
  }
  file_.reset();
  if (const auto lease = std::exchange(backfill_lease_, nullptr)) co_await lease->release();
  if (lease_) co_await lease_->release();
  if (failure) throw Error(*failure);
}

asio::awaitable<bool> AccountRun::claim() {
  if (!lease_) co_return true;
  const LeaseHolder::Standing standing = co_await lease_->claim();
  if (standing != LeaseHolder::Standing::kTaken) co_return !stopped_;
  waiting_for(lease_->holder(), true);
  co_await pause(options_.lease / 6);
  co_return false;
}

asio::awaitable<void> AccountRun::keep_claim() {
  const auto self = shared_from_this();
  const auto hold = ++holds_;
  while (lease_ && file_ && wanted() && hold == holds_) {
    lease_timer_.expires_after(options_.renew_lease_every.value_or(options_.lease / 3));
    boost::system::error_code cancelled;
    co_await lease_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled || !wanted() || hold != holds_) co_return;
    const LeaseHolder::Standing standing = co_await lease_->claim();
    if (standing != LeaseHolder::Standing::kTaken) continue;
    released_ = true;
    end(Error(ErrorCode::kHeldElsewhere, Phrase{"another instance has taken the account over",
                                                "altă instanță a preluat contul"}));
  }
}

asio::awaitable<void> AccountRun::hold() {
  holder_.clear();
  std::optional<Error> failure;
  Error reason = stopped_here();
  try {
    auto staying = stay_online();
    reason = co_await std::move(staying);
  } catch (const Error& error) {
    failure = error;
  } catch (const std::exception& error) {
    failure = Error(ErrorCode::kInternal, error.what());
  }
  if (failure) reason = *failure;
  auto letting_go = let_go(reason);
  co_await std::move(letting_go);
  if (failure) throw Error(*failure);
}

// Until the account is not wanted any more; why.
asio::awaitable<Error> AccountRun::stay_online() {
  control_ = std::make_unique<ControlServer>(
      executor_, state_, id_,
      [self = shared_from_this()](nlohmann::ordered_json request,
                                  std::shared_ptr<ControlAsker> asker) {
        return self->answer(std::move(request), std::move(asker));
      });
  control_->start();
  start_uploads();
  asio::co_spawn(executor_, keep_claim(), asio::detached);
  Error reason = stopped_here();
  while (wanted()) {
    reason = co_await online_once();
    if (!wanted() || reason.code() == ErrorCode::kLoggedOut) break;
    co_await rest(reason);
  }
  co_return reason;
}

asio::awaitable<Error> AccountRun::online_once() {
  online_ = std::make_shared<Online>(executor_, workers_, *file_, path_,
                                     OnlineOptions{.session = options_.session,
                                                   .first_backoff = options_.first_backoff,
                                                   .most_backoff = options_.most_backoff},
                                     online_events());
  Error reason = stopped_here();
  try {
    co_await online_->run();
  } catch (const Error& error) {
    reason = error;
  } catch (const std::exception& error) {
    reason = Error(ErrorCode::kInternal, error.what());
  }
  store_realtime_times();
  connected_since_ = {};
  online_.reset();
  co_return reason;
}

// The status in the Inbox says that nobody listens any more.
asio::awaitable<void> AccountRun::let_go(const Error& reason) {
  if (reason.code() == ErrorCode::kLoggedOut) halted(reason, std::nullopt);
  try {
    update_account(*file_->database, [&](Account& account) {
      if (account.status == AccountStatus::kLoggedOut) return;
      account.status = AccountStatus::kDisconnected;
      account.last_disconnect_reason = reason.what();
    });
  } catch (const Error& error) {
    log::warn("{}: the account's status could not be stored: {}", id_.str(), error.what());
  }
  ++holds_;
  lease_timer_.cancel();
  co_await end_backfill(reason);
  co_await end_uploads();
  control_.reset();
}

// How long depends on who has to do something about it.
asio::awaitable<void> AccountRun::rest(const Error& reason) {
  milliseconds time = kOddTroubleRest;
  switch (reason.code()) {
    case ErrorCode::kReplaced: resting_until_told_ = true; break;
    case ErrorCode::kBanned:
    case ErrorCode::kClientOutdated:
    case ErrorCode::kServerRefused: time = options_.refused_rest; break;
    case ErrorCode::kStore:
    case ErrorCode::kIo: time = kOwnTroubleRest; break;
    default: break;
  }
  if (std::exchange(resting_until_told_, false)) {
    halted(reason, std::nullopt);
    co_await pause(std::chrono::hours(24 * 365));
    co_return;
  }
  halted(reason, time);
  co_await pause(time);
  if (reason.code() == ErrorCode::kClientOutdated && wanted()) co_await refresh_companion();
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

OnlineEvents AccountRun::online_events() {
  const auto wake = [this] {
    if (uploading_) uploader_->wake(path_);
  };
  OnlineEvents events;
  events.on_ready = [this, wake] {
    connected_since_ = UnixSeconds::now();
    last_halt_.clear();
    wake();
    if (backfill_) backfill_->connection_changed();
    report_(service_event::Connected{.account = id_, .phone = phone_});
  };
  events.on_message = [this, wake](std::uint64_t messages) {
    note_messages(messages);
    wake();
  };
  events.on_chunk_done = [this, wake](const ChunkStatus& chunk) {
    wake();
    note_history_chunk(chunk);
    if (backfill_) backfill_->chunk_done(chunk);
    report_(service_event::History{.account = id_, .chunk = chunk});
  };
  events.on_chunk_failed = [this](const ChunkStatus& chunk, const Error& error) {
    if (backfill_) backfill_->chunk_failed(chunk, error);
    report_(service_event::History{.account = id_, .chunk = chunk, .failure = error});
  };
  events.on_app_state_idle = wake;
  events.on_offline = [this, wake](const Error& reason, milliseconds wait) {
    connected_since_ = {};
    ++counters_.reconnects;
    const auto& ended = online_->session()->counts();
    counters_.received += static_cast<std::uint64_t>(ended.received);
    counters_.undecryptable += static_cast<std::uint64_t>(ended.undecryptable);
    counters_.malformed += static_cast<std::uint64_t>(ended.malformed);
    counters_.spoofed += static_cast<std::uint64_t>(ended.spoofed);
    wake();
    if (backfill_) backfill_->connection_changed();
    report_(service_event::Disconnected{.account = id_, .reason = reason.what(), .retry_in = wait});
  };
  return events;
}

// The account's row says when a message last came; not once for each of a thousand a second.
void AccountRun::note_messages(std::uint64_t messages) {
  last_message_ = UnixSeconds::now();
  counters_.stored += messages;
  unreported_messages_ += messages;
  if (std::exchange(realtime_pending_, true)) return;
  realtime_timer_.expires_after(kRealtimeEvery);
  realtime_timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (!cancelled) self->store_realtime_times();
  });
}

void AccountRun::store_realtime_times() {
  if (!std::exchange(realtime_pending_, false) || !file_) return;
  realtime_timer_.cancel();
  try {
    const UnixSeconds newest = inbox_totals(*file_->database).newest_message_at;
    update_account(*file_->database, [&](Account& account) {
      account.last_realtime_ingest_at = last_message_;
      account.last_realtime_message_at = newest;
    });
    if (uploading_) uploader_->wake(path_);
  } catch (const Error& error) {
    if (online_) online_->end(std::make_exception_ptr(error));
  }
  report_(
      service_event::Received{.account = id_, .messages = std::exchange(unreported_messages_, 0)});
}

void AccountRun::start_uploads() {
  if (uploader_ == nullptr) return;
  uploading_ = true;
  uploader_->add(
      path_,
      [weak = weak_from_this(), executor = executor_](const firestore::UploadState& now) {
        asio::post(executor, [weak, now] {
          const auto self = weak.lock();
          if (!self) return;
          const bool news =
              !self->upload_ || self->upload_->trouble.has_value() != now.trouble.has_value();
          self->upload_ = now;
          if (news) self->report_(service_event::Upload{.account = self->id_, .state = now});
        });
      },
      [weak = weak_from_this(), executor = executor_](const std::exception_ptr& error) {
        asio::post(executor, [weak, error] {
          const auto self = weak.lock();
          if (!self) return;
          self->uploading_ = false;
          self->upload_timer_.cancel();
          if (error && self->online_) self->online_->end(error);
        });
      });
}

// What is unsent goes out now if Firestore takes it, else when somebody has the account again.
asio::awaitable<void> AccountRun::end_uploads() {
  if (!uploading_) co_return;
  uploader_->finish(path_);
  upload_timer_.expires_after(options_.last_moment);
  boost::system::error_code ended;
  co_await upload_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  if (!uploading_) co_return;
  uploader_->remove(path_);
  upload_timer_.expires_after(options_.last_moment);
  co_await upload_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  uploading_ = false;
}

// Once for each reason, not at every fruitless try.
void AccountRun::halted(const Error& why, std::optional<milliseconds> retry_in) {
  last_trouble_ = why;
  if (std::exchange(last_halt_, why.what()) == why.what()) return;
  report_(service_event::Halted{.account = id_, .why = why, .retry_in = retry_in});
}

void AccountRun::waiting_for(const std::string& holder, bool elsewhere) {
  if (std::exchange(holder_, holder) == holder) return;
  report_(service_event::Waiting{.account = id_, .holder = holder, .elsewhere = elsewhere});
}

RunningAccount AccountRun::view() const {
  RunningAccount out{.id = id_,
                     .status = "disconnected",
                     .holds = file_.has_value(),
                     .holder = file_ ? options_.instance_id : holder_,
                     .connected_since = connected_since_,
                     .counters = counters_,
                     .last_message = last_message_};
  if (file_) {
    if (const auto account = read_account(*file_->database)) {
      out.status = name(account->status);
      out.last_server_traffic = account->last_server_traffic_at;
    }
    out.messages_awaited = count_undecryptable(*file_->database).waiting;
  }
  if (online_ && online_->session()) {
    const auto& now = online_->session()->counts();
    out.counters.received += static_cast<std::uint64_t>(now.received);
    out.counters.undecryptable += static_cast<std::uint64_t>(now.undecryptable);
    out.counters.malformed += static_cast<std::uint64_t>(now.malformed);
    out.counters.spoofed += static_cast<std::uint64_t>(now.spoofed);
  }
  if (upload_)
    out.upload = {.written = static_cast<std::uint64_t>(upload_->written),
                  .queued = static_cast<std::uint64_t>(upload_->queued),
                  .set_aside = static_cast<std::uint64_t>(upload_->set_aside),
                  .trouble = upload_->trouble ? upload_->trouble->message : ""};
  return out;
}

// Why there is no connection; empty while there is one, or none has been tried.
std::string AccountRun::trouble() const {
  if (!last_halt_.empty() || connected_since_.known()) return last_halt_;
  const auto account = file_ ? read_account(*file_->database) : std::nullopt;
  return account ? account->last_disconnect_reason : "";
}

nlohmann::ordered_json AccountRun::status_line() const {
  const RunningAccount now = view();
  const auto session = online_ ? online_->session() : nullptr;
  return {{"event", "status"},
          {"instance", options_.instance_id},
          {"status", now.status},
          {"connected_since", now.connected_since.value},
          {"received", now.counters.received},
          {"reconnects", now.counters.reconnects},
          {"last_message", now.last_message.value},
          {"last_server_traffic", now.last_server_traffic.value},
          {"trouble", trouble()},
          {"uploads", uploading_},
          {"queued", now.upload.queued},
          {"upload_trouble", now.upload.trouble},
          {"phone_heard_at", session ? session->phone_heard_at().value : 0}};
}

// What is now to be sent goes out at once.
nlohmann::ordered_json AccountRun::answer_repair(const nlohmann::ordered_json& request) {
  const diagnosis::StoredRepair repair = stored_repair_from(request);
  if (!file_)
    throw Error(ErrorCode::kHeldElsewhere,
                Phrase{"wa-sync listen is letting the account go",
                       "wa-sync listen tocmai eliberează contul"},
                Phrase{"run the command again", "rulează din nou comanda"});
  const std::int64_t changed = diagnosis::repair_stored(*file_->database, repair);
  if (uploading_) uploader_->wake(path_);
  return {{"event", "repaired"}, {"changed", changed}};
}

asio::awaitable<nlohmann::ordered_json> AccountRun::answer(nlohmann::ordered_json request,
                                                           std::shared_ptr<ControlAsker> asker) {
  const auto asked = request.find("request");
  if (asked != request.end() && *asked == "status") {
    co_return status_line();
  }
  if (asked != request.end() && *asked == "ping") {
    auto answering = answer_ping(std::move(request));
    co_return co_await std::move(answering);
  }
  if (asked != request.end() && *asked == "backfill") {
    auto answering = answer_backfill(std::move(request), std::move(asker));
    co_return co_await std::move(answering);
  }
  if (asked != request.end() && *asked == "repair") {
    co_return answer_repair(request);
  }
  if (asked != request.end() && *asked == "release") {
    released_ = true;
    end(Error(ErrorCode::kInterrupted, Phrase{"another command of this host took over",
                                              "altă comandă de pe acest sistem a preluat contul"}));
    co_return nlohmann::ordered_json{{"event", "released"}};
  }
  throw Error(
      ErrorCode::kUsage, Phrase{"no such request", "nu există o asemenea cerere"},
      Phrase{"use a wa-sync of the same version", "folosește un wa-sync de aceeași versiune"});
}

}  // namespace wasync
