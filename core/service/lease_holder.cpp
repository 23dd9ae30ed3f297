#include "service/lease_holder.h"

#include <functional>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "service/ask_firestore.h"

namespace wasync {
namespace asio = boost::asio;

LeaseHolder::LeaseHolder(asio::any_io_executor executor, firestore::ClientThread& firestore,
                         firestore::LeaseFields lease, AccountId account, std::string instance,
                         std::chrono::seconds duration)
    : executor_(std::move(executor)),
      firestore_(firestore),
      lease_(lease),
      account_(std::move(account)),
      instance_(std::move(instance)),
      duration_(duration) {}

asio::awaitable<LeaseHolder::Standing> LeaseHolder::claim() {
  const auto asked_at = std::chrono::steady_clock::now();
  std::string trouble;
  try {
    std::function<firestore::LeaseClaim(firestore::Client&)> job =
        [lease = lease_, account = account_, instance = instance_,
         duration = duration_](auto& client) {
          return firestore::claim_lease(client, lease, account, instance, duration);
        };
    const firestore::LeaseClaim claim =
        co_await ask_firestore(executor_, firestore_, std::move(job));
    ours_ = claim.ours;
    holder_ = claim.holder;
    others_seen_ |= !claim.ours;
    if (ours_) ours_until_ = asked_at + duration_;
    co_return ours_ ? Standing::kOurs : Standing::kTaken;
  } catch (const Error& error) {
    trouble = error.what();
  }
  log::debug("{}: the lease could not be asked for: {}", account_.str(), trouble);
  if (ours_ && std::chrono::steady_clock::now() < ours_until_) co_return Standing::kOurs;
  co_return others_seen_ ? Standing::kTaken : Standing::kUnknown;
}

asio::awaitable<void> LeaseHolder::release() {
  if (!std::exchange(ours_, false)) co_return;
  try {
    std::function<bool(firestore::Client&)> job = [lease = lease_, account = account_,
                                                   instance = instance_](auto& client) {
      firestore::release_lease(client, lease, account, instance);
      return true;
    };
    co_await ask_firestore(executor_, firestore_, std::move(job));
  } catch (const Error& error) {
    log::debug("{}: the lease runs out by itself: {}", account_.str(), error.what());
  }
}

}  // namespace wasync
