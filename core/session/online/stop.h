// How one side ends what another side is waiting for.
#pragma once

#include <exception>
#include <functional>

#include "base/error.h"

namespace wasync {

// Used from one thread. Whoever waits says how to be woken; only the latest one is asked.
class Stop {
 public:
  using Wake = std::function<void(std::exception_ptr reason)>;

  // The first reason stands.
  void request(const Error& reason) {
    if (reason_) return;
    reason_ = std::make_exception_ptr(reason);
    if (wake_) wake_(reason_);
  }

  // Called at once when the stop was requested already. Whoever is gone must not be woken:
  // see Waking.
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

// For as long as somebody waits who gets woken: afterwards nobody does.
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
