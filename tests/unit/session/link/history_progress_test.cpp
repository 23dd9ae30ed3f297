#include "session/link/history_progress.h"

#include <doctest/doctest.h>

#include "proto/peer_message.pb.h"

namespace history_progress_test {

using namespace wasync;
using Verdict = HistoryProgress::Verdict;

TEST_CASE("history is awaited until a phase of conversations is at 100 percent") {
  HistoryProgress progress(true);
  CHECK(progress.verdict() == Verdict::kAwaiting);
  progress.chunk_done(pb::HISTORY_SYNC_INITIAL_STATUS_V3, 100);  // statuses are no conversations
  progress.chunk_done(pb::HISTORY_SYNC_NON_BLOCKING_DATA, 100);
  progress.chunk_done(pb::HISTORY_SYNC_PUSH_NAME, 100);
  progress.chunk_done(pb::HISTORY_SYNC_RECENT, 99);
  progress.chunk_done(12345, 100);
  CHECK(progress.verdict() == Verdict::kAwaiting);
  progress.chunk_done(pb::HISTORY_SYNC_INITIAL_BOOTSTRAP, 100);
  CHECK(progress.verdict() == Verdict::kPerhapsMore);
}

TEST_CASE("which phase must be through depends on what was asked for") {
  HistoryProgress full(true);
  HistoryProgress recent(false);
  for (HistoryProgress* progress : {&full, &recent}) {
    progress->chunk_done(pb::HISTORY_SYNC_PUSH_NAME, 0);
    progress->chunk_done(pb::HISTORY_SYNC_RECENT, 100);
  }
  CHECK(full.verdict() == Verdict::kPerhapsMore);
  CHECK(recent.verdict() == Verdict::kComplete);
  full.chunk_done(pb::HISTORY_SYNC_FULL, 100);
  CHECK(full.verdict() == Verdict::kComplete);
}

TEST_CASE("without names it is not complete") {
  HistoryProgress progress(true);
  progress.chunk_done(pb::HISTORY_SYNC_FULL, 100);
  CHECK(progress.verdict() == Verdict::kPerhapsMore);
  progress.chunk_done(pb::HISTORY_SYNC_PUSH_NAME, 100);
  CHECK(progress.verdict() == Verdict::kComplete);
}

TEST_CASE("a phone that says it has no history is through") {
  HistoryProgress progress(true);
  progress.chunk_done(pb::HISTORY_SYNC_NO_HISTORY, 0);
  CHECK(progress.verdict() == Verdict::kComplete);
}

}  // namespace history_progress_test
