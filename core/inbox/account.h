// What we know of one account: a single row of its file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"
#include "inbox/ids.h"

namespace wasync {

class Database;

enum class AccountStatus { kConnecting, kNeedsQr, kConnected, kDisconnected, kLoggedOut };
std::string_view name(AccountStatus status);  // "needs_qr", …
std::optional<AccountStatus> account_status_from(std::string_view name);

// Totals of the history ingested so far, in the Inbox's terms (lastHistorySyncResult).
struct HistoryResult {
  std::int64_t saved = 0;         // messages written
  std::int64_t skipped = 0;       // already known, or not shown in a conversation
  std::int64_t errors = 0;        // could not be stored
  std::int64_t total = 0;         // messages seen
  std::int64_t placeholders = 0;  // threads created before any of their messages
  std::int64_t chunks = 0;
  int progress = 0;  // percent, as the phone reports it
  bool dry_run = false;
  bool operator==(const HistoryResult&) const = default;
};

// The result of a backfill for one conversation.
struct BackfilledThread {
  std::string thread{};  // its id
  std::string result{};  // "filled", "exhausted", "no_anchor", "no_answer" or "error"
  std::int64_t messages = 0;
  bool operator==(const BackfilledThread&) const = default;
};

// The result of the last backfill, in the Inbox's terms (lastBackfillResult).
struct BackfillResult {
  std::int64_t threads = 0;   // processed
  std::int64_t messages = 0;  // new ones
  std::int64_t errors = 0;
  std::vector<BackfilledThread> first_threads{};  // at most kBackfilledThreadsKept
  bool operator==(const BackfillResult&) const = default;
};
inline constexpr std::size_t kBackfilledThreadsKept = 10;

// The state of the scheduled backfills, in the Inbox's terms (lastAutoBackfillStatus and the times
// beside it).
struct AutoBackfill {
  UnixSeconds at{};  // when the last one ended
  UnixSeconds attempt_at{};
  UnixSeconds success_at{};
  bool running = false;
  UnixSeconds started_at{};
  std::string trigger{};  // "connect" or "periodic"
  std::string holder{};   // the instance that runs or ran it
  // These describe the last one that ended.
  bool ok = false;
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t errors = 0;
  std::int64_t duration_ms = 0;
  std::string error_code{};  // empty: none; see name(ErrorCode)
  std::string error_message{};
  bool operator==(const AutoBackfill&) const = default;
};

struct Account {
  AccountId id;
  std::string phone{};      // E.164
  std::string name{};       // as the operator calls it; may be empty
  std::string push_name{};  // the name this account shows to others
  Jid jid{};                // ours, with device
  Jid lid{};                // ours, with device; empty while unknown
  std::string platform{};   // of the phone, as it reports itself: "android", …
  AccountStatus status = AccountStatus::kConnecting;
  UnixSeconds created_at{};
  UnixSeconds last_connected_at{};
  UnixSeconds last_disconnected_at{};
  std::string last_disconnect_reason{};  // empty: we ended it ourselves
  std::string last_error{};
  UnixSeconds last_server_traffic_at{};  // heartbeat: when the server last sent anything
  UnixSeconds last_history_sync_at{};
  std::int64_t history_sync_count = 0;
  HistoryResult last_history_result{};
  bool history_complete = false;  // the phone reported 100 percent of its last phase
  UnixSeconds last_backfill_at{};
  BackfillResult last_backfill_result{};
  AutoBackfill auto_backfill{};
  UnixSeconds last_realtime_ingest_at{};
  UnixSeconds last_realtime_message_at{};
  std::string last_realtime_error{};
  bool operator==(const Account&) const = default;
};

// Returns nothing before put_account has stored the account. Throws Error(kStore).
std::optional<Account> read_account(Database& database);
// Reads the account's id only. Throws Error(kNotPaired) when there is no account row.
AccountId account_of(Database& database);

// Creates the row. For a re-paired account, replaces the identity fields (phone, jid, lid, name
// unless empty, platform) and keeps its times and counts. Works inside the caller's transaction.
void put_account(Database& database, const Account& account);

// Reads the row, lets `change` edit it and writes it back if anything differs (the id cannot
// change). `last_server_traffic_at` alone is a local heartbeat: it does not make the row dirty.
// Returns whether anything changed. Works inside the caller's transaction, or on its own. Throws
// Error(kNotPaired) when there is no account row.
bool update_account(Database& database, const std::function<void(Account&)>& change);

}  // namespace wasync
