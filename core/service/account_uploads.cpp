#include "service/account_uploads.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace wasync {
namespace asio = boost::asio;

AccountUploads::AccountUploads(asio::any_io_executor executor, firestore::Uploader* uploader,
                               std::filesystem::path file, const HeldAccount& held)
    : executor_(std::move(executor)),
      uploader_(uploader),
      file_(std::move(file)),
      held_(held),
      over_(executor_) {}

void AccountUploads::start() {
  if (uploader_ == nullptr) return;
  running_ = true;
  uploader_->add(
      file_,
      [weak = weak_from_this(), executor = executor_](const firestore::UploadState& now) {
        asio::post(executor, [weak, now] {
          if (const auto self = weak.lock()) self->told(now);
        });
      },
      [weak = weak_from_this(), executor = executor_](const std::exception_ptr& error) {
        asio::post(executor, [weak, error] {
          if (const auto self = weak.lock()) self->ended(error);
        });
      });
}

void AccountUploads::told(const firestore::UploadState& now) {
  const bool news = !state_ || state_->trouble.has_value() != now.trouble.has_value();
  state_ = now;
  if (news) held_.report(service_event::Upload{.account = held_.id, .state = now});
}

void AccountUploads::ended(const std::exception_ptr& error) {
  running_ = false;
  over_.notify();
  if (error) held_.end_connection(error);
}

void AccountUploads::wake() {
  if (running_) uploader_->wake(file_);
}

asio::awaitable<void> AccountUploads::end(std::chrono::milliseconds last_moment) {
  if (!running_) co_return;
  uploader_->finish(file_);
  co_await over_.wait_for(last_moment);
  if (!running_) co_return;
  uploader_->remove(file_);
  co_await over_.wait_for(last_moment);
  running_ = false;
}

}  // namespace wasync
