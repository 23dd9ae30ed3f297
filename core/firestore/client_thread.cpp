#include "firestore/client_thread.h"

#include <chrono>
#include <utility>

namespace wasync::firestore {

ClientThread::ClientThread(FirestoreInbox inbox)
    : inbox_(std::move(inbox)), thread_([this] { run(); }) {}

ClientThread::~ClientThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  http_.wake();
  thread_.join();
}

void ClientThread::call(std::function<void(Client&)> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void ClientThread::run() {
  // Do not wait for a service that is unwell: the caller will ask again.
  Client client(
      http_, *inbox_.credentials, inbox_.target, [this] { return stopping_.load(); },
      std::chrono::milliseconds(0));
  while (true) {
    std::function<void(Client&)> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job(client);
  }
}

}  // namespace wasync::firestore
