// What happens while `listen` runs, for the views and the log. Never contains a message's text.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "firestore/uploader.h"
#include "inbox/ids.h"
#include "service/backfill_schedule.h"
#include "session/backfill/backfill_event.h"
#include "session/history/history_worker.h"

namespace wasync {

namespace service_event {
struct Connected {
  AccountId account;
  std::string phone;
};
struct Disconnected {  // and to be connected again
  AccountId account;
  std::string reason;
  std::chrono::milliseconds retry_in{};
};
struct Halted {  // not connected any more until something changes
  AccountId account;
  Error why;
  std::optional<std::chrono::milliseconds> retry_in{};  // nothing: when told to, or paired again
};
struct Waiting {  // somebody else runs the account
  AccountId account;
  std::string holder;      // "process 1234", an instance's id
  bool elsewhere = false;  // on another host, as its lease says: we are passive
};
struct Received {  // messages since the last such event
  AccountId account;
  std::uint64_t messages = 0;
};
struct History {
  AccountId account;
  ChunkStatus chunk;
  std::optional<Error> failure{};
};
// Of backfills that nobody asked for.
struct BackfillStarted {
  AccountId account;
  BackfillTrigger trigger{};
};
struct BackfillEnded {
  AccountId account;
  BackfillTrigger trigger{};
  backfill_event::Done done{};
  std::chrono::milliseconds took{};
  std::optional<Error> failure{};  // why it ended early
};
struct BackfillSkipped {
  AccountId account;
  std::string holder;  // the instance that does it; empty: Firestore cannot be asked
};
struct Upload {
  AccountId account;
  firestore::UploadState state;
};
}  // namespace service_event

using ServiceEvent =
    std::variant<service_event::Connected, service_event::Disconnected, service_event::Halted,
                 service_event::Waiting, service_event::Received, service_event::History,
                 service_event::BackfillStarted, service_event::BackfillEnded,
                 service_event::BackfillSkipped, service_event::Upload>;

}  // namespace wasync
