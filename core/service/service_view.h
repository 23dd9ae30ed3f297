// What only the running service knows, for the HTTP API. The service that runs the accounts fills
// it in, from memory; what stands in an account's file, a reader adds (account_record.h).
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "inbox/ids.h"
#include "inbox/sealed.h"

namespace wasync {

// Since the process started; none of them ever falls.
struct AccountCounters {
  std::uint64_t received = 0;  // message stanzas
  std::uint64_t stored = 0;
  std::uint64_t undecryptable = 0;
  std::uint64_t malformed = 0;
  std::uint64_t given_up = 0;      // stanzas of no use to us, acked in the end
  std::uint64_t sent_refused = 0;  // what we sent and WhatsApp did not take
  std::uint64_t spoofed = 0;       // self-only messages that somebody else sent
  std::uint64_t identities_changed = 0;
  std::uint64_t left_out = 0;   // see MessageCounts
  std::uint64_t not_asked = 0;  // likewise
  std::uint64_t reconnects = 0;
  std::uint64_t fell_silent = 0;  // connections ended because they brought nothing for too long
};

struct UploadState {
  std::uint64_t written = 0;    // documents, since the process started
  std::uint64_t queued = 0;     // dirty rows
  std::uint64_t set_aside = 0;  // rows whose document is refused
  std::string trouble{};        // why nothing goes out at present; empty: no trouble
};

struct RunningAccount {
  AccountId id;
  // From memory "connected" or "disconnected"; from the file as in the Inbox: "logged_out", … too.
  std::string status{};
  bool holds = false;             // this process has the account's connection
  std::string holder{};           // who has it: an instance id; empty when nobody is known to
  UnixSeconds connected_since{};  // unknown while there is no connection
  AccountCounters counters{};
  UploadState upload{};
  UnixSeconds last_message{};
  UnixSeconds last_stanza{};  // when the newest stanza of any use was sent: see Rhythm
  // From the file alone.
  UnixSeconds last_server_traffic{};
  std::int64_t history_waiting = 0;       // parts that are still to be taken in
  std::int64_t history_failed = 0;        // … that could not be
  std::int64_t messages_awaited = 0;      // shown without their content, which may still come
  std::int64_t delayed_requests = 0;      // to the phone, since it was linked: see phone_requests.h
  std::vector<UnopenedCount> unopened{};  // sealed edits, reactions, votes and so on
};

struct ServiceState {
  std::string instance_id{};
  bool active = false;  // else passive: other instances hold all accounts
  bool ready = false;   // started, and active accounts are connected or being connected
  bool firestore_connected = false;  // false too when the Inbox is SQLite alone
  UnixSeconds started_at{};
  // What may still be written beside the accounts' files; nothing: not looked.
  std::optional<std::uintmax_t> free_bytes{};
  std::vector<RunningAccount> accounts{};
};

struct BackfillStart {
  enum class Result {
    kStarted,
    kUnknownAccount,  // paired nowhere here
    kInvalidState,    // not connected, or logged out: `status` says
    kPassive,         // another instance has the account
  };
  Result result = Result::kStarted;
  std::string status{};   // the account's, as in RunningAccount
  std::string message{};  // for a person; may be empty
};

// Called on the io thread, where they must return at once, unless something else is said. What they
// throw becomes a 500.
struct ServiceView {
  std::function<ServiceState()> state;
  // Only starts it: the answer does not wait for the phone. Asked only for an account that is
  // connected here; may be empty where there is no backfill.
  std::function<BackfillStart(const AccountId&)> start_backfill;
  // What `wa-sync diagnose --json` says of an account. Called on a reader's thread, one at a time;
  // takes some seconds at most. May be empty.
  std::function<nlohmann::ordered_json(const AccountId&)> diagnose{};
};

}  // namespace wasync
