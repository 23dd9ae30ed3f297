// Judges whether the history of a pairing is complete. The phone never says so; this judges by what
// has come.
#pragma once

#include <cstdint>

namespace wasync {

class HistoryProgress {
 public:
  explicit HistoryProgress(bool full_requested) : full_requested_(full_requested) {}

  // A chunk has been ingested. `type` is HistorySyncType as on the wire, `progress` the
  // percentage the phone attached to it.
  void chunk_done(int type, std::uint32_t progress);

  enum class Verdict {
    kAwaiting,     // something is certain to come
    kPerhapsMore,  // the phone said 100 percent, but may begin another phase
    kComplete,     // every phase we asked for is at 100 percent, and names have come
  };
  Verdict verdict() const;

 private:
  bool full_requested_;
  bool any_at_100_ = false;
  bool recent_at_100_ = false;
  bool full_at_100_ = false;
  bool push_names_ = false;
};

}  // namespace wasync
