// Stays online with a freshly linked device until its history has come.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "session/connection/session_options.h"
#include "session/device/account_file.h"
#include "session/history/history_worker.h"
#include "session/online/stop.h"

namespace wasync {

class DryRun;

struct HistoryIntakeOptions {
  SessionOptions session;
  // Nothing more for this long ends it: once the phone has said 100 percent of a phase, and
  // before that.
  std::chrono::milliseconds settle{20'000};
  std::chrono::milliseconds stall{120'000};
  // Not null: nothing of the history is stored, nor the names of app state; see HistoryWorker.
  std::shared_ptr<DryRun> dry_run{};
};

struct HistoryIntakeEvents {
  std::function<void(const ChunkStatus&)> on_progress;
  std::function<void(const ChunkStatus&, const Error&)> on_chunk_failed;
  std::function<void(const std::string& reason)> on_reconnecting;
};

struct HistoryIntakeResult {
  // Else the phone went silent before it had said 100 percent, or chunks are waiting.
  bool complete = false;
  // Announced, but out of reach so far: they stay queued, and are worth trying again.
  std::int64_t waiting_chunks = 0;
  // Lost for good.
  std::int64_t failed_chunks = 0;
  std::optional<Error> first_failure{};
  // Single conversations, messages, … of good chunks that could not be read.
  std::int64_t damaged_parts = 0;
};

// Runs until nothing more is to be expected, over as many connections as it takes. Throws
// Error when the account cannot go online any more (logged out, replaced, refused, or not
// for so long that the wait for more ended), for
// trouble of our own, what an event threw, and the reason of `stop`; what was committed
// stays, and the next call goes on. `account` and `stop` must outlive the call; afterwards
// no event is called any more.
boost::asio::awaitable<HistoryIntakeResult> take_in_history(AccountFile& account,
                                                            std::filesystem::path file,
                                                            HistoryIntakeOptions options,
                                                            HistoryIntakeEvents events, Stop& stop);

}  // namespace wasync
