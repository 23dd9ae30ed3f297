// Sends to Firestore what accounts' files hold and Firestore does not have yet. The rows' revisions
// say what that is (inbox/dirty.h), so a crash at any moment loses nothing: a row is clean only
// once Firestore has confirmed its write and nothing has changed it meanwhile.
//
// Writes go in batches, several under way at once. When Firestore refuses a batch as a whole, the
// uploader halves it until the document at fault is alone, sets that one aside with its error, and
// goes on with the rest. When the service is away or overloaded, it waits, longer each time.
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
  // Why nothing moves just now, and when the uploader tries again.
  std::optional<Failure> trouble{};
  std::chrono::milliseconds retry_in{0};
};

struct UploadOptions {
  std::size_t most_under_way = 4;  // batches
  std::size_t most_writes = 500;   // in a batch: the service's limit until 2023
  // Of a batch's JSON. The service takes 10 MiB; Google's emulator 4 MiB of its binary form.
  std::size_t most_bytes = 9 << 20;
  std::chrono::milliseconds first_backoff = std::chrono::seconds(1);
  std::chrono::milliseconds most_backoff = std::chrono::minutes(1);
  // Contacts and the account's own document wait for so long, to gather changes.
  std::chrono::milliseconds gather = std::chrono::seconds(15);
  // How often to look at an account without a call of wake().
  std::chrono::milliseconds idle_look = std::chrono::seconds(1);
  bool ramp = true;  // 500/50/5; not for the emulator
};
UploadOptions upload_options_for(const Target& target);

// Serves any number of accounts over one connection to the service. run() is for a thread of its
// own; the rest may be called from any thread.
class Uploader {
 public:
  // The uploader's thread calls both. `OnState`: a few times a second while there is something to
  // do, and at every change of `trouble`. `OnEnd`: the uploader no longer uses the account's file.
  // Null when all is sent after finish(), or after remove() or stop(); else what ended it:
  // Error(kStore) and the like. Trouble with Firestore goes into the state instead.
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
  void wake(const std::filesystem::path& file);  // there may be something new
  void remove(
      const std::filesystem::path& file);  // ends soon: waits a moment for what is under way
  void finish(const std::filesystem::path& file);  // nothing new will come: ends once all is sent
  void finish();                                   // the same for all accounts: then run() ends
  void stop();                                     // remove() for all accounts, then run() ends

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
