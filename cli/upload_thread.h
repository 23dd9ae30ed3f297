// The uploader beside what fills the inbox: a thread of its own for as long as this object lives.
#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <thread>

#include "cli/inbox_choice.h"
#include "firestore/uploader.h"

namespace wasync {

class UploadThread {
 public:
  // Both are called by the uploader's thread. `on_end`: with null when it ended by itself or was
  // told to, else with what ended it.
  using OnState = std::function<void(const firestore::UploadState&)>;
  using OnEnd = std::function<void(std::exception_ptr)>;
  UploadThread(const std::filesystem::path& account_file, const FirestoreInbox& inbox,
               OnState on_state, OnEnd on_end);
  // Stops it, and waits for the little that takes.
  ~UploadThread();
  UploadThread(const UploadThread&) = delete;
  UploadThread& operator=(const UploadThread&) = delete;

  // See Uploader.
  void wake() { uploader_.wake(); }
  void finish() { uploader_.finish(); }
  void stop() { uploader_.stop(); }

 private:
  firestore::Uploader uploader_;
  std::thread thread_;
};

// Sends what an account's file holds and waits for it, at most so long, less when Firestore refuses
// us; what is still queued then has its reason in the state. Throws what ended the uploader.
firestore::UploadState upload_now(const std::filesystem::path& account_file,
                                  const FirestoreInbox& inbox, std::chrono::milliseconds limit);

}  // namespace wasync
