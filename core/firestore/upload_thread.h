// The uploader on a thread of its own, for as long as this object lives.
#pragma once

#include <chrono>
#include <filesystem>
#include <thread>

#include "firestore/inbox.h"
#include "firestore/uploader.h"

namespace wasync::firestore {

class UploadThread {
 public:
  explicit UploadThread(const FirestoreInbox& inbox)
      : UploadThread(inbox, upload_options_for(inbox.target)) {}
  UploadThread(const FirestoreInbox& inbox, UploadOptions options);
  // Stops the uploader and waits until it has ended, which is soon.
  ~UploadThread();
  UploadThread(const UploadThread&) = delete;
  UploadThread& operator=(const UploadThread&) = delete;

  Uploader& operator*() { return uploader_; }
  Uploader* operator->() { return &uploader_; }

 private:
  Uploader uploader_;
  std::thread thread_;
};

// Sends what an account's file holds and waits for it: for this time at most, and not when
// Firestore refuses us. If rows are still queued then, the state has the reason. Throws what ended
// the uploader.
UploadState upload_now(const std::filesystem::path& account_file, const FirestoreInbox& inbox,
                       std::chrono::milliseconds limit);

}  // namespace wasync::firestore
