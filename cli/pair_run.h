// Everything that runs while `pair` does, on one thread: linking and history, the uploader's
// reports, what the terminal shows, and signals.
#pragma once

#include <memory>
#include <optional>

#include "cli/console.h"
#include "cli/inbox_choice.h"
#include "cli/options.h"
#include "inbox/state_dir.h"
#include "session/link/pairing.h"

namespace wasync {

// One of pair() and upload(), once.
class PairRun {
 public:
  // All of it outlives the run.
  PairRun(const Console& console, const PairOptions& options, const StateDir& state,
          std::optional<FirestoreInbox> inbox);
  ~PairRun();
  PairRun(const PairRun&) = delete;
  PairRun& operator=(const PairRun&) = delete;

  bool uploads() const;
  // Links, takes in the history, and meanwhile uploads it. Returns the exit code; throws Error.
  int pair(PairingOptions pairing);
  // Sends what the account's file holds; nothing is asked of WhatsApp.
  int upload(const AccountId& account);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync
