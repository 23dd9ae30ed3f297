// The main job of `wa-sync pair`: link this host as a device of an account, then take in
// the history the phone sends, until there is no more to come.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "inbox/ids.h"
#include "inbox/state_dir.h"
#include "session/client_payload.h"
#include "session/stream.h"
#include "wire/connection.h"

namespace wasync {

struct PairOptions {
  Endpoint endpoint;
  CompanionOptions companion;
  std::string account_namespace{kDefaultAccountNamespace};
  // The account meant: its interrupted history is resumed without a new QR code. Nothing:
  // a new account, or whichever one the phone that scans belongs to.
  std::optional<AccountId> account;
  std::string account_name;  // how the operator calls it; empty keeps what is stored
  // Re-pair also an account whose history is still incomplete.
  bool again = false;
  // Return once linked; the history arrives when the device is next online.
  bool wait_for_history = true;
  std::chrono::milliseconds scan_timeout{600'000};
  // The history has ended when nothing more arrived for this long: after the phone said
  // 100 percent, and before it.
  std::chrono::milliseconds settle{20'000};
  std::chrono::milliseconds stall{120'000};
  StreamTimings timings;
};

namespace pair_event {

// A code to show instead of the previous one.
struct Code {
  std::string text;
  std::chrono::milliseconds expires_in{};
};
struct Paired {
  AccountId account;
  std::string jid;
  std::string lid;
  std::string phone;
  std::string platform;
};
// No QR was needed: the account is linked and its history goes on.
struct Resumed {
  AccountId account;
  std::string phone;
};
// After every committed step of a chunk. Counts are totals of the account.
struct History {
  std::string type;  // "INITIAL_BOOTSTRAP", …
  std::uint32_t chunk = 0;
  std::uint32_t progress = 0;  // percent, as the phone reports it
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
};
// A chunk that could not be taken in; the others go on.
struct ChunkFailed {
  std::string type;
  std::uint32_t chunk = 0;
  std::string message;
  std::string hint;
};
// The connection broke and is being made again.
struct Reconnecting {
  std::string reason;
};
struct Done {
  AccountId account;
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
  UnixSeconds oldest_message_at;
  std::int64_t failed_chunks = 0;
  // How it ended: the phone reported its last phase complete, went silent before that, or
  // we were asked not to wait.
  enum class Ending { kComplete, kStalled, kNotAwaited } ending = Ending::kComplete;
};

}  // namespace pair_event

using PairEvent =
    std::variant<pair_event::Code, pair_event::Paired, pair_event::Resumed, pair_event::History,
                 pair_event::ChunkFailed, pair_event::Reconnecting, pair_event::Done>;

// Runs until Done was reported or throws Error. `report` is called on the calling
// coroutine's thread. Cancelling (see PairStop) ends it with Error(kInterrupted) and
// nothing lost: the same call resumes.
boost::asio::awaitable<void> pair(StateDir state, PairOptions options,
                                  std::function<void(const PairEvent&)> report);

}  // namespace wasync
