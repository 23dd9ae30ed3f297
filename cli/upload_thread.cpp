#include "cli/upload_thread.h"

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

}  // namespace wasync
