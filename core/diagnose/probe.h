// Looks at everything that an Inbox depends on, side by side, and changes nothing.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "diagnose/live.h"
#include "diagnose/observation.h"
#include "firestore/inbox.h"
#include "inbox/ids.h"
#include "inbox/state_dir.h"

namespace wasync::diagnosis {

struct ProbeOptions {
  // Which Firestore, if any. Called on other threads, perhaps on several at once; throws Error.
  std::function<std::optional<FirestoreInbox>()> inbox;
  bool sqlite_chosen = false;
  std::string beside_emulator{};  // see observation.h
  std::string hostname{};         // likewise
  std::string instance_id{};
  std::filesystem::path state_dir{};
  std::optional<AccountId> only{};  // nothing: all accounts
  // Asks the process that holds the account, and waits for `patience`. Nothing when no listener
  // runs; throws Error when there is no answer.
  std::function<std::optional<Listening>(const StateDir&, const AccountId&,
                                         std::chrono::milliseconds patience)>
      ask_holder;
  // See observation.h. Empty: leases go by the instance's id alone.
  std::function<std::string(const StateDir&, const AccountId&)> lease_life{};
  std::optional<LiveOptions> live{};  // nothing: does not ask WhatsApp itself
  std::chrono::milliseconds timeout{10'000};
  bool check_file = false;                           // verifies files of more than 64 MiB, too
  std::optional<BackfillPace> scheduled_backfill{};  // see observation.h
  // How many conversations to read in Firestore, for which Google charges; all accounts share them.
  std::size_t most_reads = 10'000;
};

struct Observed {
  Observations seen{};
  // Probe threads still wait for something: the process must end without exit()'s destructors.
  bool threads_left = false;
};

// Returns after `timeout` at the latest, whatever hangs. A probe without an answer by then counts
// as not looked.
Observed observe(ProbeOptions options);

}  // namespace wasync::diagnosis
