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
  // The intake ends when nothing more comes for this long: `settle` once the phone has said 100
  // percent of a phase, `stall` before that.
  std::chrono::milliseconds settle{20'000};
  std::chrono::milliseconds stall{120'000};
  // Not null: we store neither the history nor the names of app state; see HistoryWorker.
  std::shared_ptr<DryRun> dry_run{};
};

struct HistoryIntakeEvents {
  std::function<void(const ChunkStatus&)> on_progress;
  std::function<void(const ChunkStatus&, const Error&)> on_chunk_failed;
  std::function<void(const std::string& reason)> on_reconnecting;
};

struct HistoryIntakeResult {
  // False: the phone went silent before it had said 100 percent, or chunks are waiting.
  bool complete = false;
  // Announced, but we cannot reach them so far. They stay queued and are worth another try.
  std::int64_t waiting_chunks = 0;
  // Lost for good.
  std::int64_t failed_chunks = 0;
  std::optional<Error> first_failure{};
  // Single conversations, messages, … in good chunks that we could not read.
  std::int64_t damaged_parts = 0;
};

// Runs until it expects nothing more, over as many connections as it takes. Throws Error when the
// account cannot go online any more (logged out, replaced, refused, or offline for so long that the
// wait for more ended), for trouble of our own, what an event threw, and the reason of `stop`. What
// is committed stays, and the next call continues. `account` and `stop` must outlive the call. It
// calls no event after it has ended.
boost::asio::awaitable<HistoryIntakeResult> take_in_history(AccountFile& account,
                                                            std::filesystem::path file,
                                                            HistoryIntakeOptions options,
                                                            HistoryIntakeEvents events, Stop& stop);

}  // namespace wasync
