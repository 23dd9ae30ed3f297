#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "history/reader.h"

namespace wasync {
namespace {

using Batch = std::vector<HistoryEvent>;

// Large enough that the threads seldom wake each other, small enough that the events between them
// take little memory compared with one conversation.
constexpr std::size_t kBatchEvents = 64;
constexpr std::size_t kBatchBytes = 256 * 1024;
constexpr std::size_t kBatchesAhead = 4;

// The consumer is gone: ends the reading thread.
struct Abandoned {};

class BatchQueue {
 public:
  // Waits for room. Throws Abandoned.
  void push(Batch batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return batches_.size() < kBatchesAhead || abandoned_; });
    if (abandoned_) throw Abandoned{};
    batches_.push_back(std::move(batch));
    changed_.notify_all();
  }
  void end(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    failure_ = std::move(failure);
    changed_.notify_all();
  }
  // Waits for a batch; empty at the end. Throws what ended the reading.
  Batch pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !batches_.empty() || ended_; });
    if (batches_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return {};
    }
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return batch;
  }
  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  std::exception_ptr failure_;
  bool ended_ = false;
  bool abandoned_ = false;
};

// Only bodies can be large; the rest of an event is bounded by its own small limits.
std::size_t bytes_of(const HistoryEvent& event) {
  const auto* said = std::get_if<MessageEvent>(&event);
  const Message* message = said != nullptr ? std::get_if<Message>(&said->entry) : nullptr;
  return message != nullptr && message->body ? message->body->size() : 0;
}

// The reading thread's end of the queue.
class Sender {
 public:
  explicit Sender(BatchQueue& queue) : queue_(queue) { batch_.reserve(kBatchEvents); }

  void send(HistoryEvent& event) {
    bytes_ += bytes_of(event);
    batch_.push_back(std::move(event));
    if (batch_.size() >= kBatchEvents || bytes_ >= kBatchBytes) flush();
  }
  void flush() {
    if (batch_.empty()) return;
    queue_.push(std::exchange(batch_, {}));
    batch_.reserve(kBatchEvents);
    bytes_ = 0;
  }

 private:
  BatchQueue& queue_;
  Batch batch_;
  std::size_t bytes_ = 0;
};

class ReadingThread {
 public:
  ReadingThread(BatchQueue& queue, const ChunkSource& source, const ReadOptions& options)
      : queue_(queue), thread_([this, &source, &options] { run(source, options); }) {}
  ~ReadingThread() {
    queue_.abandon();
    thread_.join();
  }
  ReadingThread(const ReadingThread&) = delete;
  ReadingThread& operator=(const ReadingThread&) = delete;

  // After the queue's end.
  const ChunkHeader& header() const { return header_; }

 private:
  void run(const ChunkSource& source, const ReadOptions& options) {
    std::exception_ptr failure;
    Sender sender(queue_);
    try {
      header_ = read_history(source, options, [&](HistoryEvent& event) { sender.send(event); });
    } catch (const Abandoned&) {
      return;
    } catch (...) {
      failure = std::current_exception();
    }
    try {
      sender.flush();
    } catch (const Abandoned&) {
      return;
    }
    queue_.end(failure);
  }

  BatchQueue& queue_;
  ChunkHeader header_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

ChunkHeader read_history_ahead(const ChunkSource& source, const ReadOptions& options,
                               const EventSink& sink) {
  BatchQueue queue;
  ReadingThread reading(queue, source, options);
  for (Batch batch = queue.pop(); !batch.empty(); batch = queue.pop()) {
    for (HistoryEvent& event : batch) sink(event);
  }
  return reading.header();
}

}  // namespace wasync
