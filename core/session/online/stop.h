// Lets one side end a wait of another side.
#pragma once

#include <exception>
#include <functional>

#include "base/error.h"

namespace wasync {

// Used from one thread. The waiting side says how to wake it; request() calls only the latest Wake.
class Stop {
 public:
  using Wake = std::function<void(std::exception_ptr reason)>;

  // The first reason stands.
  void request(const Error& reason) {
    if (reason_) return;
    reason_ = std::make_exception_ptr(reason);
    if (wake_) wake_(reason_);
  }

  // Calls `wake` at once when the stop was requested already. A waiter that is gone must not be
  // woken: see Waking.
  void wake_by(Wake wake) {
    wake_ = std::move(wake);
    if (reason_ && wake_) wake_(reason_);
  }

  bool requested() const { return reason_ != nullptr; }
  void throw_if_requested() const {
    if (reason_) std::rethrow_exception(reason_);
  }

 private:
  std::exception_ptr reason_;
  Wake wake_;
};

// Keep one for as long as you wait: its destructor removes your Wake.
class Waking {
 public:
  explicit Waking(Stop& stop) : stop_(stop) {}
  ~Waking() { stop_.wake_by(nullptr); }
  Waking(const Waking&) = delete;
  Waking& operator=(const Waking&) = delete;

 private:
  Stop& stop_;
};

}  // namespace wasync
