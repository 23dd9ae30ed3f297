// The main job of `wa-sync pair`: links this host as a device of an account, then takes in the
// history that the phone sends, until no more is to come.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/phrase.h"
#include "inbox/ids.h"
#include "inbox/state_dir.h"
#include "session/connection/client_payload.h"
#include "session/connection/stream.h"
#include "wire/connection.h"

namespace wasync {

struct PairingOptions {
  Endpoint endpoint;
  CompanionOptions companion;
  // See SessionOptions.
  std::function<CompanionOptions()> companion_again{};
  std::string account_namespace{kDefaultAccountNamespace};
  // Pairing calls it before it opens an account, and waits for it: it asks the holder of the
  // account to let it go.
  std::function<void(const AccountId&)> make_free{};
  // The account meant: we resume its interrupted history without a new QR code. Nothing: a new
  // account, or the account of the phone that scans.
  std::optional<AccountId> account;
  std::string account_name;            // the operator's name for it; empty keeps the stored one
  std::optional<bool> search_index{};  // see AccountFile
  // The number of the phone to link by a code that the user types on it; empty: by QR code.
  std::string code_phone;
  // Pair again even an account whose history is still incomplete.
  bool again = false;
  // False: return once linked; the history arrives when the device is next online.
  bool wait_for_history = true;
  // Takes in the history without storing any of it, to see what would come. To store it after all,
  // link the account again. We store messages that arrive meanwhile as always.
  bool dry_run = false;
  std::chrono::milliseconds scan_timeout{600'000};
  // The history has ended when nothing more arrives for this long: `settle` after the phone said
  // 100 percent, `stall` before that.
  std::chrono::milliseconds settle{20'000};
  std::chrono::milliseconds stall{120'000};
  StreamTimings timings;
};

namespace pair_event {

// A QR code to show instead of the previous one.
struct Qr {
  std::string text;
  std::chrono::milliseconds expires_in{};
};
// A code to type on the phone ("ABCD-EFGH"), instead of the previous one.
struct Code {
  std::string text;
  std::chrono::milliseconds expires_in{};
};
// The account's passkey has to answer these WebAuthn options, one line of JSON, through
// Pairing::answer. The server may send other options later, which replace these.
struct Passkey {
  std::string options;
  std::chrono::milliseconds expires_in{};
};
// An answer that does not fit, and why. Another one may come.
struct PasskeyRefused {
  Words why;
};
// The passkey has answered; the phone shows this code as well. With `compare`, the user compares
// the codes, and Pairing::answer wants "yes" or "no".
struct PasskeyCode {
  std::string text;
  bool compare = false;
};
struct Paired {
  AccountId account;
  std::string jid;
  std::string lid;
  std::string phone;
  std::string platform;
};
// No QR was needed: the account is linked and its history continues.
struct Resumed {
  AccountId account;
  std::string phone;
};
// Reported after every committed step of a chunk. Counts are totals of the account; in a dry run,
// they are what would have been added so far.
struct History {
  std::string type;  // "INITIAL_BOOTSTRAP", …
  std::uint32_t chunk = 0;
  std::uint32_t progress = 0;  // percent, as the phone reports it
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
};
// A chunk that we could not take in; the others continue.
struct ChunkFailed {
  std::string type;
  std::uint32_t chunk = 0;
  Words message;
  Words hint;
};
// The connection broke. We are connecting again.
struct Reconnecting {
  std::string reason;
};
struct Done {
  AccountId account;
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
  UnixSeconds oldest_message_at;
  std::int64_t failed_chunks = 0;  // in this run
  std::int64_t damaged_parts = 0;  // in this run: single messages, names, … in good chunks
  bool dry_run = false;            // counts are what would have been added
  // In the whole account: edits, reactions, votes and so on that came sealed and did not open.
  std::int64_t unopened = 0;
  // Collections of app state that we cannot trust: names, archive or mute may be missing.
  std::vector<std::string> damaged_app_state{};
  // How it ended: the phone reported its last phase complete, the phone went silent before that, or
  // the caller asked us not to wait.
  enum class Ending { kComplete, kStalled, kNotAwaited } ending = Ending::kComplete;
};

}  // namespace pair_event

using PairEvent = std::variant<pair_event::Qr, pair_event::Code, pair_event::Passkey,
                               pair_event::PasskeyRefused, pair_event::PasskeyCode,
                               pair_event::Paired, pair_event::Resumed, pair_event::History,
                               pair_event::ChunkFailed, pair_event::Reconnecting, pair_event::Done>;

// One run of the job. Used from one io_context thread; held by shared_ptr.
class Pairing : public std::enable_shared_from_this<Pairing> {
 public:
  using Report = std::function<void(const PairEvent&)>;

  // Calls `report` on the thread that runs `run`.
  Pairing(StateDir state, PairingOptions options, Report report);
  ~Pairing();

  // Runs until it has reported Done; call it once. It throws Error even after that, when a part of
  // the history was lost or did not come. Whatever it throws, nothing that we acknowledged is lost:
  // a new Pairing continues.
  boost::asio::awaitable<void> run();

  // answer() gives a line that answers Passkey or PasskeyCode. After end_answers() no more lines
  // come.
  void answer(std::string line);
  void end_answers();

  // Makes run() throw Error(kInterrupted) at the next safe point, which comes soon.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasync
