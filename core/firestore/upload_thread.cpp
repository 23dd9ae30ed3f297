#include "firestore/upload_thread.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace wasync::firestore {

UploadThread::UploadThread(const FirestoreInbox& inbox, UploadOptions options)
    : uploader_(inbox, std::move(options)), thread_([this] { uploader_.run(); }) {}

UploadThread::~UploadThread() {
  uploader_.stop();
  thread_.join();
}

UploadState upload_now(const std::filesystem::path& account_file, const FirestoreInbox& inbox,
                       std::chrono::milliseconds limit) {
  std::mutex mutex;
  std::condition_variable changed;
  UploadState state;
  std::exception_ptr failure;
  bool over = false;
  {
    UploadThread thread(inbox);
    thread->add(
        account_file,
        [&](const UploadState& now) {
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
    thread->finish();
    std::unique_lock lock(mutex);
    changed.wait_for(lock, limit,
                     [&] { return over || (state.trouble && !state.trouble->worth_retrying()); });
  }
  if (failure) std::rethrow_exception(failure);
  return state;
}

}  // namespace wasync::firestore
