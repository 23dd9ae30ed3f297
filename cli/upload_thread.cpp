#include "cli/upload_thread.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace wasync {
namespace {

firestore::UploadOptions options_of(const FirestoreInbox& inbox, UploadThread::OnState on_state) {
  firestore::UploadOptions out = firestore::upload_options_for(inbox.target);
  out.report = std::move(on_state);
  return out;
}

}  // namespace

UploadThread::UploadThread(const std::filesystem::path& account_file, const FirestoreInbox& inbox,
                           OnState on_state, OnEnd on_end)
    : uploader_(account_file, inbox.credentials, inbox.target,
                options_of(inbox, std::move(on_state))),
      thread_([this, on_end = std::move(on_end)] {
        std::exception_ptr failure;
        try {
          uploader_.run();
        } catch (...) {
          failure = std::current_exception();
        }
        on_end(failure);
      }) {}

UploadThread::~UploadThread() {
  uploader_.stop();
  thread_.join();
}

firestore::UploadState upload_now(const std::filesystem::path& account_file,
                                  const FirestoreInbox& inbox, std::chrono::milliseconds limit) {
  std::mutex mutex;
  std::condition_variable changed;
  firestore::UploadState state;
  std::exception_ptr failure;
  bool over = false;
  {
    UploadThread thread(
        account_file, inbox,
        [&](const firestore::UploadState& now) {
          const std::lock_guard lock(mutex);
          state = now;
          changed.notify_all();
        },
        [&](const std::exception_ptr& error) {
          const std::lock_guard lock(mutex);
          failure = error;
          over = true;
          changed.notify_all();
        });
    thread.finish();
    std::unique_lock lock(mutex);
    changed.wait_for(lock, limit,
                     [&] { return over || (state.trouble && !state.trouble->worth_retrying()); });
  }
  if (failure) std::rethrow_exception(failure);
  return state;
}

}  // namespace wasync
