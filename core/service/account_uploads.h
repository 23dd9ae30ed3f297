// Sends to Firestore what it does not have of one account yet, while the account is ours.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/wake.h"
#include "firestore/uploader.h"
#include "service/held_account.h"

namespace wasync {

// Used from one io_context thread; held by shared_ptr, because the uploader speaks from its own.
class AccountUploads : public std::enable_shared_from_this<AccountUploads> {
 public:
  // `uploader`: null without Firestore; then nothing here has an effect. It and `held` outlive
  // this object.
  AccountUploads(boost::asio::any_io_executor executor, firestore::Uploader* uploader,
                 std::filesystem::path file, const HeldAccount& held);

  // Reports trouble with Firestore when it begins and ends. A file that the uploader cannot use
  // ends the connection.
  void start();
  void wake();
  // Gives unsent documents `last_moment` to go out; the rest waits until somebody has the account
  // again. Then waits at most as long again for the uploader to let go of the file.
  boost::asio::awaitable<void> end(std::chrono::milliseconds last_moment);

  bool running() const { return running_; }
  // The uploader's last report, if any.
  const std::optional<firestore::UploadState>& state() const { return state_; }

 private:
  void told(const firestore::UploadState& now);
  void ended(const std::exception_ptr& error);

  boost::asio::any_io_executor executor_;
  firestore::Uploader* uploader_;
  std::filesystem::path file_;
  const HeldAccount& held_;
  Wake over_;  // the uploader has let go of the file
  bool running_ = false;
  std::optional<firestore::UploadState> state_;
};

}  // namespace wasync
