// Brings to Firestore what an account's file holds and Firestore does not have yet. What is to be
// sent is said by the rows' revisions (inbox/dirty.h), so a crash at any moment loses nothing: a
// row is clean only once its write was confirmed and nothing changed it meanwhile.
//
// Writes go in batches, several under way at once. A batch that is refused as a whole is halved
// until the document at fault is alone; that one is set aside with its error and the rest goes on.
// When the service is away or has enough, the uploader waits, longer each time.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "firestore/client.h"

namespace wasync {
class Credentials;
}

namespace wasync::firestore {

struct UploadState {
  std::int64_t written = 0;    // documents confirmed since the start
  std::int64_t queued = 0;     // rows still to be sent
  std::int64_t set_aside = 0;  // rows the service refused for good
  std::int64_t adopted = 0;    // threads that were there before us
  // Why nothing moves just now, and when it is tried again.
  std::optional<Failure> trouble{};
  std::chrono::milliseconds retry_in{0};
};

struct UploadOptions {
  std::size_t most_under_way = 4;  // batches
  std::size_t most_writes = 500;   // in a batch: the service's limit
  // Of a batch's JSON. The service takes 10 MiB; Google's emulator 4 MiB of its binary form.
  std::size_t most_bytes = 9 << 20;
  std::chrono::milliseconds first_backoff = std::chrono::seconds(1);
  std::chrono::milliseconds most_backoff = std::chrono::minutes(1);
  // Contacts and the account's own document gather changes for so long.
  std::chrono::milliseconds gather = std::chrono::seconds(15);
  bool ramp = true;  // 500/50/5; not for the emulator
  // Called by the uploader's thread, a few times a second and at every change of `trouble`.
  std::function<void(const UploadState&)> report{};
};
UploadOptions upload_options_for(const Target& target);

// run() is for a thread of its own; the rest may be called from any thread.
class Uploader {
 public:
  // `file` is a migrated account file with an account.
  Uploader(std::filesystem::path file, std::shared_ptr<Credentials> credentials, Target target,
           UploadOptions options);
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  // Until stop(), or until everything is sent after finish(). Throws Error(kStore) and the like;
  // what is wrong with Firestore is in the state instead.
  void run();

  void wake();    // there may be something new
  void finish();  // nothing new will come
  void stop();    // soon: what is under way is given a moment to be confirmed

 private:
  class Run;
  friend class Run;

  std::filesystem::path file_;
  std::shared_ptr<Credentials> credentials_;
  Target target_;
  UploadOptions options_;
  std::atomic<bool> finishing_ = false;
  std::atomic<bool> stopping_ = false;
  HttpClient http_;
};

}  // namespace wasync::firestore
