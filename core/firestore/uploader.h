// Brings to Firestore what accounts' files hold and Firestore does not have yet. What is to be
// sent is said by the rows' revisions (inbox/dirty.h), so a crash at any moment loses nothing: a
// row is clean only once its write was confirmed and nothing changed it meanwhile.
//
// Writes go in batches, several under way at once. A batch that is refused as a whole is halved
// until the document at fault is alone; that one is set aside with its error and the rest goes on.
// When the service is away or has enough, the uploader waits, longer each time.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "firestore/client.h"
#include "firestore/inbox.h"

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
  // How often an account of which nothing was told is looked at all the same.
  std::chrono::milliseconds idle_look = std::chrono::seconds(1);
  bool ramp = true;  // 500/50/5; not for the emulator
};
UploadOptions upload_options_for(const Target& target);

// Serves any number of accounts over one connection to the service. run() is for a thread of its
// own; the rest may be called from any thread.
class Uploader {
 public:
  // Both are called by the uploader's thread. `OnState`: a few times a second while there is
  // something to do, and at every change of `trouble`. `OnEnd`: the account's file is used no more;
  // with null when all is sent after finish(), or it was removed or stopped, else with what ended
  // it: Error(kStore) and the like. What is wrong with Firestore is in the state instead.
  using OnState = std::function<void(const UploadState&)>;
  using OnEnd = std::function<void(std::exception_ptr)>;

  Uploader(FirestoreInbox inbox, UploadOptions options);
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  // Until stop(), or until everything is sent after finish().
  void run();

  // `file` is a migrated account file with an account.
  void add(const std::filesystem::path& file, OnState on_state = {}, OnEnd on_end = {});
  void wake(const std::filesystem::path& file);    // there may be something new
  void remove(const std::filesystem::path& file);  // soon: what is under way gets a moment
  void finish(const std::filesystem::path& file);  // nothing new will come: ends once all is sent
  void finish();                                   // of no account any more
  void stop();                                     // remove() for all of them, and the end

 private:
  class Run;
  void tell(std::function<void(Run&)> what);
  std::vector<std::function<void(Run&)>> told();

  FirestoreInbox inbox_;
  UploadOptions options_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<std::function<void(Run&)>> told_;
  HttpClient http_;
};

}  // namespace wasync::firestore
