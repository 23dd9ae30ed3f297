// Short requests to Firestore that must not wait for uploads, nor delay them: one job after the
// other on a thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/http.h"
#include "firestore/client.h"
#include "firestore/inbox.h"

namespace wasync::firestore {

class ClientThread {
 public:
  // `inbox.credentials` must have no other user.
  explicit ClientThread(FirestoreInbox inbox);
  // Ends the job under way soon, and drops those that have not begun.
  ~ClientThread();
  ClientThread(const ClientThread&) = delete;
  ClientThread& operator=(const ClientThread&) = delete;

  // From any thread. The job catches what it throws.
  void call(std::function<void(Client&)> job);

 private:
  void run();

  FirestoreInbox inbox_;
  HttpClient http_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void(Client&)>> jobs_;
  std::thread thread_;
};

}  // namespace wasync::firestore
