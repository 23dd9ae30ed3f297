// Backfills of an account that nobody asked for: when it is fit for one, and what is stored and
// told of it.
#include <utility>

#include "inbox/account.h"
#include "service/account_run.h"
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

// What a process that was killed left as running is not: nobody else writes this file.
void AccountRun::take_up_scheduled() {
  update_account(*file_->database, [](Account& account) {
    AutoBackfill& last = account.auto_backfill;
    if (!std::exchange(last.running, false)) return;
    last.ok = false;
    last.error_code = name(ErrorCode::kInterrupted);
    last.error_message = "wa-sync listen ended while it ran";
  });
  const AutoBackfill last = read_account(*file_->database).value().auto_backfill;
  last_attempt_ = last.attempt_at;
  last_success_ = last.success_at;
}

BackfillStanding AccountRun::backfill_standing() const {
  const bool online = file_ && online_ && online_->is_online() && wanted();
  const bool history =
      online && (online_->history_busy() || std::chrono::steady_clock::now() < history_quiet_at_);
  return {.id = id_,
          .ready = online && !history && !backfill_,
          .last_attempt = last_attempt_,
          .last_success = last_success_,
          .last_turn = last_turn_};
}

void AccountRun::note_history_chunk(const ChunkStatus& chunk) {
  if (chunk.request_id.empty())
    history_quiet_at_ = std::chrono::steady_clock::now() + kHistoryQuiet;
}

asio::awaitable<void> AccountRun::scheduled_backfill(BackfillTrigger trigger) {
  const auto self = shared_from_this();
  const auto hold = holds_;
  last_turn_ = UnixSeconds::now();
  if (!backfill_standing().ready) co_return;
  std::shared_ptr<LeaseHolder> lease;
  if (leases_ != nullptr)
    lease = std::make_shared<LeaseHolder>(
        executor_, *leases_, firestore::kAutoBackfillLease, id_, options_.instance_id,
        std::chrono::ceil<std::chrono::seconds>(options_.auto_backfill.lease));
  backfill_lease_ = lease;
  auto claiming = claim_backfill(lease);
  const bool ours = co_await std::move(claiming);
  // One that comes after the account was let go runs out by itself.
  if (ours && hold == holds_ && backfill_standing().ready) {
    auto filling = fill(trigger);
    co_await std::move(filling);
  }
  if (hold == holds_ && lease) co_await lease->release();
}

asio::awaitable<bool> AccountRun::claim_backfill(std::shared_ptr<LeaseHolder> lease) {
  if (!lease) co_return true;
  const LeaseHolder::Standing standing = co_await lease->claim();
  if (standing == LeaseHolder::Standing::kOurs) {
    last_skip_.reset();
    co_return true;
  }
  // Once for each reason, not at every tick.
  const std::string holder =
      standing == LeaseHolder::Standing::kTaken ? lease->holder() : std::string();
  if (wanted() && std::exchange(last_skip_, holder) != holder)
    report_(service_event::BackfillSkipped{.account = id_, .holder = holder});
  co_return false;
}

asio::awaitable<void> AccountRun::fill(BackfillTrigger trigger) {
  const auto began = std::chrono::steady_clock::now();
  service_event::BackfillEnded ended{.account = id_, .trigger = trigger};
  const Backfill::Report report = [&ended](const BackfillEvent& event) {
    if (const auto* done = std::get_if<backfill_event::Done>(&event)) ended.done = *done;
  };
  filling_ = true;
  try {
    note_filling(trigger);
    BackfillRequest request{.choice = options_.backfill.choice};
    request.limits.per_thread = options_.auto_backfill.per_thread;
    request.limits.deadline = time_within(options_.auto_backfill.lease);
    auto working = work_off(make_backfill(request, report, true));
    co_await std::move(working);
  } catch (const Error& error) {
    ended.failure = error;
  } catch (const std::exception& error) {
    ended.failure = Error(ErrorCode::kInternal, error.what());
  }
  ended.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
  note_filled(ended);
  filling_ = false;
  backfill_timer_.cancel();
}

void AccountRun::note_filling(BackfillTrigger trigger) {
  last_attempt_ = UnixSeconds::now();
  update_account(*file_->database, [&](Account& account) {
    account.auto_backfill = {.at = account.auto_backfill.at,
                             .attempt_at = last_attempt_,
                             .success_at = account.auto_backfill.success_at,
                             .running = true,
                             .started_at = last_attempt_,
                             .trigger = std::string(name(trigger)),
                             .holder = options_.instance_id};
  });
  if (uploading_) uploader_->wake(path_);
  report_(service_event::BackfillStarted{.account = id_, .trigger = trigger});
}

// Threads whose answers cannot be had are counted; to ask for them again at once helps nobody.
void AccountRun::note_filled(const service_event::BackfillEnded& ended) {
  const UnixSeconds now = UnixSeconds::now();
  if (!ended.failure) last_success_ = now;
  try {
    update_account(*file_->database, [&](Account& account) {
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
    if (uploading_) uploader_->wake(path_);
  } catch (const Error& error) {
    if (online_) online_->end(std::make_exception_ptr(error));
  }
  report_(ended);
}

}  // namespace wasync
