#include "service/lease_holder.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/log.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Runs `job` on that thread and waits for it. A thread that ends meanwhile drops the job: that is
// told too.
template <typename Result>
asio::awaitable<Result> on_thread(asio::any_io_executor executor, firestore::ClientThread& thread,
                                  std::function<Result(firestore::Client&)> job) {
  struct Call {
    explicit Call(const asio::any_io_executor& on) : done(on) {}
    asio::steady_timer done;
    std::optional<Result> result{};
    std::exception_ptr failure{};
  };
  const auto call = std::make_shared<Call>(executor);
  call->done.expires_at(asio::steady_timer::time_point::max());
  // Tells when the job is gone, done or not.
  std::shared_ptr<void> finished(nullptr, [executor, call](void*) {
    asio::post(executor, [call] { call->done.expires_at(asio::steady_timer::time_point::min()); });
  });
  thread.call([call, job, finished = std::move(finished)](firestore::Client& client) {
    try {
      call->result = job(client);
    } catch (...) {
      call->failure = std::current_exception();
    }
  });
  boost::system::error_code woken;
  co_await call->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (call->failure) std::rethrow_exception(call->failure);
  if (!call->result) throw Error(ErrorCode::kInterrupted, "nobody asks Firestore any more");
  co_return *std::move(call->result);
}

}  // namespace

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
    auto asking = on_thread(executor_, firestore_, std::move(job));
    const firestore::LeaseClaim claim = co_await std::move(asking);
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
    auto asking = on_thread(executor_, firestore_, std::move(job));
    co_await std::move(asking);
  } catch (const Error& error) {
    log::debug("{}: the lease runs out by itself: {}", account_.str(), error.what());
  }
}

}  // namespace wasync
