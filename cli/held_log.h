// Log lines that wait while a terminal is being redrawn in place.
#pragma once

#include <memory>

namespace wasync {

// While it lives, log lines for standard error are held back; `release` writes them as they
// would have been written. Lines may come from any thread; `release` from one.
class HeldLog {
 public:
  HeldLog();
  // Writes what is left and lets later lines through.
  ~HeldLog();
  HeldLog(const HeldLog&) = delete;
  HeldLog& operator=(const HeldLog&) = delete;

  bool any() const;
  void release();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync
