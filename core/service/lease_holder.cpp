#include "service/lease_holder.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "service/ask_firestore.h"

namespace wasync {
namespace asio = boost::asio;

LeaseHolder::LeaseHolder(asio::any_io_executor executor, firestore::ClientThread& firestore,
                         firestore::LeaseFields lease, AccountId account, std::string instance,
                         std::chrono::seconds duration, BootTime boot_time)
    : executor_(std::move(executor)),
      firestore_(firestore),
      lease_(lease),
      account_(std::move(account)),
      owner_{.instance = std::move(instance)},
      duration_(duration),
      boot_time_(std::move(boot_time)) {}

void LeaseHolder::remember(LeaseLife life, std::filesystem::path file) {
  former_ = read_lease_life(file);
  owner_.life = life.id;
  life_ = std::move(life);
  file_ = std::move(file);
  if (!former_ || former_->boot != life_.boot) return;
  owner_.former = former_->id;
  life_.earlier = former_->earlier;
  life_.earlier.insert(life_.earlier.begin(), former_->id);
}

// Before the first claim: the answer to it may come when this process is no more.
void LeaseHolder::note_life() {
  const bool at_other_boot = former_ && former_->boot != life_.boot;
  if (file_.empty() || noted_ || at_other_boot) return;
  write_lease_life(file_, life_);
  noted_ = true;
}

bool LeaseHolder::is_of_earlier_life(const firestore::LeaseClaim& claim) const {
  return claim.holder == owner_.instance &&
         std::find(life_.earlier.begin(), life_.earlier.end(), claim.life) != life_.earlier.end();
}

asio::awaitable<firestore::LeaseClaim> LeaseHolder::ask() {
  std::function<firestore::LeaseClaim(firestore::Client&)> job =
      [lease = lease_, account = account_, owner = owner_, duration = duration_](auto& client) {
        return firestore::claim_lease(client, lease, account, owner, duration);
      };
  co_return co_await ask_firestore(executor_, firestore_, std::move(job));
}

// A live holder renews its lease three times while it lasts.
bool LeaseHolder::seems_abandoned(const firestore::LeaseClaim& claim) {
  if (!former_ || claim.holder != owner_.instance || claim.life != former_->id) return false;
  const auto now = boot_time_.now();
  if (std::exchange(seen_until_, claim.until) != claim.until) seen_since_ = now;
  return now - seen_since_ >= duration_ / 2;
}

asio::awaitable<LeaseHolder::Standing> LeaseHolder::claim() {
  const auto asked_at = boot_time_.now();
  std::string trouble;
  try {
    note_life();
    firestore::LeaseClaim claim = co_await ask();
    if (!claim.ours && is_of_earlier_life(claim)) {
      owner_.former = claim.life;
      claim = co_await ask();
    }
    ours_ = claim.ours;
    holder_ = claim.holder;
    if (!ours_ && seems_abandoned(claim)) owner_.former = former_->id;  // the next claim has it
    if (ours_ && !file_.empty() && !had_) {
      life_.earlier.clear();
      write_lease_life(file_, life_);
      former_ = life_;
      had_ = true;
    }
    others_seen_ |= !claim.ours;
    if (ours_) ours_until_ = asked_at + duration_;
    co_return ours_ ? Standing::kOurs : Standing::kTaken;
  } catch (const Error& error) {
    trouble = error.what();
  }
  log::debug("{}: the lease could not be asked for: {}", account_.str(), trouble);
  if (ours_ && boot_time_.now() < ours_until_) co_return Standing::kOurs;
  co_return others_seen_ ? Standing::kTaken : Standing::kUnknown;
}

asio::awaitable<void> LeaseHolder::release() {
  if (!std::exchange(ours_, false)) co_return;
  try {
    std::function<bool(firestore::Client&)> job = [lease = lease_, account = account_,
                                                   owner = owner_](auto& client) {
      firestore::release_lease(client, lease, account, owner);
      return true;
    };
    co_await ask_firestore(executor_, firestore_, std::move(job));
  } catch (const Error& error) {
    log::debug("{}: the lease runs out by itself: {}", account_.str(), error.what());
  }
}

}  // namespace wasync
