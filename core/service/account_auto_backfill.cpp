#include "service/account_auto_backfill.h"

#include <utility>

#include "inbox/account.h"
#include "service/lease_holder.h"

namespace wasync {
namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// Chunks of the history come some time apart; it is over when none has come for so long.
constexpr std::chrono::minutes kHistoryQuiet{1};

// The lease is not renewed: this is what it leaves for the backfill itself.
milliseconds time_within(milliseconds lease) {
  return lease * 9 / 10;
}

}  // namespace

AccountAutoBackfill::AccountAutoBackfill(asio::any_io_executor executor, const HeldAccount& held,
                                         AccountBackfills& backfills,
                                         firestore::ClientThread* leases, Options options)
    : executor_(std::move(executor)),
      held_(held),
      backfills_(backfills),
      leases_(leases),
      options_(std::move(options)) {}

void AccountAutoBackfill::begin() {
  Database& database = *held_.database();
  update_account(database, [](Account& account) {
    AutoBackfill& last = account.auto_backfill;
    if (!std::exchange(last.running, false)) return;
    last.ok = false;
    last.error_code = name(ErrorCode::kInterrupted);
    last.error_message = "wa-sync listen ended while it ran";
  });
  const AutoBackfill last = read_account(database).value().auto_backfill;
  last_attempt_ = last.attempt_at;
  last_success_ = last.success_at;
}

BackfillStanding AccountAutoBackfill::standing() const {
  const bool online = is_kept(held_.state()) && held_.is_online();
  const bool history =
      online && (held_.history_busy() || std::chrono::steady_clock::now() < history_quiet_at_);
  return {.id = held_.id,
          .ready = online && !history && !backfills_.running(),
          .last_attempt = last_attempt_,
          .last_success = last_success_,
          .last_turn = last_turn_};
}

void AccountAutoBackfill::chunk_done(const ChunkStatus& chunk) {
  if (chunk.request_id.empty())
    history_quiet_at_ = std::chrono::steady_clock::now() + kHistoryQuiet;
}

asio::awaitable<void> AccountAutoBackfill::run(BackfillTrigger trigger) {
  last_turn_ = UnixSeconds::now();
  if (!standing().ready) co_return;
  const std::shared_ptr<LeaseHolder> lease = new_lease();
  lease_ = lease;
  const bool ours = co_await claim(lease);
  // One that comes after the account was let go runs out by itself.
  if (ours && lease == lease_ && standing().ready) co_await fill(trigger);
  if (lease && lease == lease_) co_await lease->release();
}

void AccountAutoBackfill::end() {
  release_ = std::exchange(lease_, nullptr);
}

asio::awaitable<void> AccountAutoBackfill::release_lease() {
  if (const auto lease = std::exchange(release_, nullptr)) co_await lease->release();
}

std::shared_ptr<LeaseHolder> AccountAutoBackfill::new_lease() const {
  if (leases_ == nullptr) return nullptr;
  auto lease = std::make_shared<LeaseHolder>(
      executor_, *leases_, firestore::kAutoBackfillLease, held_.id, options_.instance_id,
      std::chrono::ceil<std::chrono::seconds>(options_.schedule.lease));
  if (!options_.life.id.empty()) lease->remember(options_.life, options_.life_file);
  return lease;
}

asio::awaitable<bool> AccountAutoBackfill::claim(std::shared_ptr<LeaseHolder> lease) {
  if (!lease) co_return true;
  const LeaseHolder::Standing standing = co_await lease->claim();
  if (standing == LeaseHolder::Standing::kOurs) {
    last_skip_.reset();
    co_return true;
  }
  // Once for each reason, not at every tick.
  const std::string holder =
      standing == LeaseHolder::Standing::kTaken ? lease->holder() : std::string();
  if (is_wanted(held_.state()) && std::exchange(last_skip_, holder) != holder)
    held_.report(service_event::BackfillSkipped{.account = held_.id, .holder = holder});
  co_return false;
}

asio::awaitable<void> AccountAutoBackfill::fill(BackfillTrigger trigger) {
  const auto began = std::chrono::steady_clock::now();
  service_event::BackfillEnded ended{.account = held_.id, .trigger = trigger};
  Backfill::Report report = [&ended](const BackfillEvent& event) {
    if (const auto* done = std::get_if<backfill_event::Done>(&event)) ended.done = *done;
  };
  try {
    note_begin(trigger);
    BackfillRequest request{.choice = options_.choice};
    request.limits.per_thread = options_.schedule.per_thread;
    request.limits.deadline = time_within(options_.schedule.lease);
    co_await backfills_.run(std::move(request), std::move(report), true);
  } catch (const Error& error) {
    ended.failure = error;
  } catch (const std::exception& error) {
    ended.failure = Error(ErrorCode::kInternal, error.what());
  }
  ended.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
  note_end(ended);
}

void AccountAutoBackfill::note_begin(BackfillTrigger trigger) {
  last_attempt_ = UnixSeconds::now();
  update_account(*held_.database(), [&](Account& account) {
    account.auto_backfill = {.at = account.auto_backfill.at,
                             .attempt_at = last_attempt_,
                             .success_at = account.auto_backfill.success_at,
                             .running = true,
                             .started_at = last_attempt_,
                             .trigger = std::string(name(trigger)),
                             .holder = options_.instance_id};
  });
  held_.wake_uploads();
  held_.report(service_event::BackfillStarted{.account = held_.id, .trigger = trigger});
}

// Threads whose answers cannot be had are counted; to ask for them again at once helps nobody.
void AccountAutoBackfill::note_end(const service_event::BackfillEnded& ended) {
  const UnixSeconds now = UnixSeconds::now();
  if (!ended.failure) last_success_ = now;
  try {
    update_account(*held_.database(), [&](Account& account) {
      AutoBackfill& last = account.auto_backfill;
      last.running = false;
      last.at = now;
      last.success_at = last_success_;
      last.ok = !ended.failure;
      last.threads = ended.done.threads;
      last.messages = ended.done.messages;
      last.errors = ended.done.errors;
      last.duration_ms = ended.took.count();
      if (!ended.failure) return;
      last.error_code = name(ended.failure->code());
      last.error_message = ended.failure->what();
    });
    held_.wake_uploads();
  } catch (const Error& error) {
    held_.end_connection(std::make_exception_ptr(error));
  }
  held_.report(ended);
}

}  // namespace wasync
