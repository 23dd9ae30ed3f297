#include "session/link/history_progress.h"

#include "proto/peer_message.pb.h"

namespace wasync {

void HistoryProgress::chunk_done(int type, std::uint32_t progress) {
  const bool at_100 = progress >= 100;
  switch (type) {
    case pb::HISTORY_SYNC_FULL: full_at_100_ |= at_100; break;
    case pb::HISTORY_SYNC_RECENT: recent_at_100_ |= at_100; break;
    case pb::HISTORY_SYNC_INITIAL_BOOTSTRAP: break;
    case pb::HISTORY_SYNC_PUSH_NAME: push_names_ = true; return;
    case pb::HISTORY_SYNC_NO_HISTORY: full_at_100_ = recent_at_100_ = push_names_ = true; return;
    default: return;  // statuses and side data say nothing about the conversations
  }
  any_at_100_ |= at_100;
}

HistoryProgress::Verdict HistoryProgress::verdict() const {
  if ((full_requested_ ? full_at_100_ : recent_at_100_) && push_names_) return Verdict::kComplete;
  return any_at_100_ ? Verdict::kPerhapsMore : Verdict::kAwaiting;
}

}  // namespace wasync
