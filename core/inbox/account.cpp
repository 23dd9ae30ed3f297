#include "inbox/account.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "base/error.h"
#include "base/sqlite.h"
#include "base/text.h"

namespace wasync {
namespace {

constexpr std::array<std::string_view, 5> kStatusNames{"connecting", "needs_qr", "connected",
                                                       "disconnected", "logged_out"};
constexpr std::size_t kMaxText = 1024;

Jid jid_from(const Statement& query, int column) {
  return Jid::parse(query.text_view(column)).value_or(Jid{});
}

std::string clean(const std::string& text) {
  return std::string(first_characters(folded_whitespace(repaired_utf8(text)), kMaxText));
}

std::string encode(const std::vector<BackfilledThread>& threads) {
  std::ostringstream out;
  for (std::size_t i = 0; i < std::min(threads.size(), kBackfilledThreadsKept); ++i)
    out << threads[i].result << ' ' << threads[i].messages << ' ' << threads[i].thread << '\n';
  return out.str();
}

std::vector<BackfilledThread> decode_threads(const std::string& text) {
  std::vector<BackfilledThread> threads;
  std::istringstream in(text);
  BackfilledThread each;
  while (in >> each.result >> each.messages >> each.thread) threads.push_back(each);
  return threads;
}

void bind_account(Statement& statement, const Account& account) {
  const HistoryResult& history = account.last_history_result;
  statement.bind(account.id.str(), account.phone, clean(account.name), clean(account.push_name),
                 account.jid.to_string(), account.lid.to_string(), clean(account.platform),
                 name(account.status), account.created_at, account.last_connected_at,
                 account.last_disconnected_at, clean(account.last_disconnect_reason),
                 clean(account.last_error), account.last_server_traffic_at,
                 account.last_history_sync_at, account.history_sync_count);
  statement.bind(history.saved, history.skipped, history.errors, history.total,
                 history.placeholders, history.chunks, history.progress, history.dry_run,
                 account.history_complete, account.last_backfill_at,
                 account.last_realtime_ingest_at, account.last_realtime_message_at,
                 clean(account.last_realtime_error));
  const BackfillResult& backfill = account.last_backfill_result;
  statement.bind(backfill.threads, backfill.messages, backfill.errors,
                 encode(backfill.first_threads));
  const AutoBackfill& scheduled = account.auto_backfill;
  statement.bind(scheduled.at, scheduled.attempt_at, scheduled.success_at, scheduled.running,
                 scheduled.started_at, scheduled.trigger, clean(scheduled.holder), scheduled.ok,
                 scheduled.threads, scheduled.messages, scheduled.errors, scheduled.duration_ms,
                 scheduled.error_code, clean(scheduled.error_message));
}

AutoBackfill auto_backfill_in(const Statement& row, int column) {
  return {.at = row.time(column),
          .attempt_at = row.time(column + 1),
          .success_at = row.time(column + 2),
          .running = row.integer(column + 3) != 0,
          .started_at = row.time(column + 4),
          .trigger = row.text(column + 5),
          .holder = row.text(column + 6),
          .ok = row.integer(column + 7) != 0,
          .threads = row.integer(column + 8),
          .messages = row.integer(column + 9),
          .errors = row.integer(column + 10),
          .duration_ms = row.integer(column + 11),
          .error_code = row.text(column + 12),
          .error_message = row.text(column + 13)};
}

void update_row(Database& database, const Account& account, bool dirtied) {
  auto update = database.prepare(
      "UPDATE account SET account_id = ?, phone = ?, name = ?, push_name = ?, jid = ?, lid = ?,"
      " platform = ?, status = ?, created_at = ?, last_connected_at = ?,"
      " last_disconnected_at = ?, last_disconnect_reason = ?, last_error = ?,"
      " last_server_traffic_at = ?, last_history_sync_at = ?, history_sync_count = ?,"
      " history_saved = ?, history_skipped = ?, history_errors = ?, history_total = ?,"
      " history_placeholders = ?, history_chunks = ?, history_progress = ?,"
      " history_dry_run = ?, history_complete = ?, last_backfill_at = ?,"
      " last_realtime_ingest_at = ?, last_realtime_message_at = ?, last_realtime_error = ?,"
      " backfill_threads = ?, backfill_messages = ?, backfill_errors = ?,"
      " backfill_first_threads = ?,"
      " auto_backfill_at = ?, auto_backfill_attempt_at = ?, auto_backfill_success_at = ?,"
      " auto_backfill_running = ?, auto_backfill_started_at = ?, auto_backfill_trigger = ?,"
      " auto_backfill_holder = ?, auto_backfill_ok = ?, auto_backfill_threads = ?,"
      " auto_backfill_messages = ?, auto_backfill_errors = ?, auto_backfill_duration_ms = ?,"
      " auto_backfill_error_code = ?, auto_backfill_error_message = ?,"
      " revision = revision + ?, upload_error = CASE WHEN ? THEN NULL ELSE upload_error END");
  bind_account(update, account);
  update.bind(dirtied ? 1 : 0, dirtied).run();
}

}  // namespace

std::string_view name(AccountStatus status) {
  return kStatusNames.at(static_cast<std::size_t>(status));
}

std::optional<AccountStatus> account_status_from(std::string_view text) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == text) return static_cast<AccountStatus>(i);
  }
  return std::nullopt;
}

std::optional<Account> read_account(Database& database) {
  auto query = database.prepare(
      "SELECT account_id, phone, name, push_name, jid, lid, platform, status, created_at,"
      " last_connected_at, last_disconnected_at, last_disconnect_reason, last_error,"
      " last_server_traffic_at, last_history_sync_at, history_sync_count, history_saved,"
      " history_skipped, history_errors, history_total, history_placeholders, history_chunks,"
      " history_progress, history_dry_run, history_complete, last_backfill_at,"
      " last_realtime_ingest_at, last_realtime_message_at, last_realtime_error,"
      " backfill_threads, backfill_messages, backfill_errors, backfill_first_threads,"
      " auto_backfill_at, auto_backfill_attempt_at, auto_backfill_success_at,"
      " auto_backfill_running, auto_backfill_started_at, auto_backfill_trigger,"
      " auto_backfill_holder, auto_backfill_ok, auto_backfill_threads, auto_backfill_messages,"
      " auto_backfill_errors, auto_backfill_duration_ms, auto_backfill_error_code,"
      " auto_backfill_error_message"
      " FROM account");
  if (!query.step()) return std::nullopt;
  const auto id = AccountId::parse(query.text_view(0));
  const auto status = account_status_from(query.text_view(7));
  if (!id || !status) {
    throw Error(ErrorCode::kStore,
                Phrase{"the account row of this file is damaged",
                       "rândul contului din acest fișier este deteriorat"},
                Phrase{"restore the file from a backup, or move it away and pair again",
                       "restaurează fișierul dintr-o copie sau mută-l și conectează din nou"});
  }
  return Account{
      .id = *id,
      .phone = query.text(1),
      .name = query.text(2),
      .push_name = query.text(3),
      .jid = jid_from(query, 4),
      .lid = jid_from(query, 5),
      .platform = query.text(6),
      .status = *status,
      .created_at = query.time(8),
      .last_connected_at = query.time(9),
      .last_disconnected_at = query.time(10),
      .last_disconnect_reason = query.text(11),
      .last_error = query.text(12),
      .last_server_traffic_at = query.time(13),
      .last_history_sync_at = query.time(14),
      .history_sync_count = query.integer(15),
      .last_history_result = {.saved = query.integer(16),
                              .skipped = query.integer(17),
                              .errors = query.integer(18),
                              .total = query.integer(19),
                              .placeholders = query.integer(20),
                              .chunks = query.integer(21),
                              .progress = static_cast<int>(query.integer(22)),
                              .dry_run = query.integer(23) != 0},
      .history_complete = query.integer(24) != 0,
      .last_backfill_at = query.time(25),
      .last_backfill_result = {.threads = query.integer(29),
                               .messages = query.integer(30),
                               .errors = query.integer(31),
                               .first_threads = decode_threads(query.text(32))},
      .auto_backfill = auto_backfill_in(query, 33),
      .last_realtime_ingest_at = query.time(26),
      .last_realtime_message_at = query.time(27),
      .last_realtime_error = query.text(28),
  };
}

void put_account(Database& database, const Account& account) {
  if (const auto known = read_account(database)) {
    if (known->id != account.id) {
      throw Error(ErrorCode::kInternal, "this file belongs to another account");
    }
    update_account(database, [&account](Account& row) {
      row.phone = account.phone;
      row.jid = account.jid;
      row.status = account.status;
      if (!account.lid.empty()) row.lid = account.lid;
      if (!account.name.empty()) row.name = account.name;
      if (!account.push_name.empty()) row.push_name = account.push_name;
      if (!account.platform.empty()) row.platform = account.platform;
      row.last_error.clear();
    });
    return;
  }
  auto insert = database.prepare(
      "INSERT INTO account (row_id, account_id, phone, name, push_name, jid, lid, platform,"
      " status, created_at, last_connected_at, last_disconnected_at, last_disconnect_reason,"
      " last_error, last_server_traffic_at, last_history_sync_at, history_sync_count,"
      " history_saved, history_skipped, history_errors, history_total, history_placeholders,"
      " history_chunks, history_progress, history_dry_run, history_complete, last_backfill_at,"
      " last_realtime_ingest_at, last_realtime_message_at, last_realtime_error,"
      " backfill_threads, backfill_messages, backfill_errors, backfill_first_threads,"
      " auto_backfill_at, auto_backfill_attempt_at, auto_backfill_success_at,"
      " auto_backfill_running, auto_backfill_started_at, auto_backfill_trigger,"
      " auto_backfill_holder, auto_backfill_ok, auto_backfill_threads, auto_backfill_messages,"
      " auto_backfill_errors, auto_backfill_duration_ms, auto_backfill_error_code,"
      " auto_backfill_error_message)"
      " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
      " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  bind_account(insert, account);
  insert.run();
}

bool update_account(Database& database, const std::function<void(Account&)>& change) {
  const auto before = read_account(database);
  if (!before) {
    throw Error(ErrorCode::kNotPaired,
                Phrase{"this account file has no account", "fișierul nu conține niciun cont"},
                Phrase{"run: wa-sync pair", "rulează: wa-sync pair"});
  }
  Account after = *before;
  change(after);
  after.id = before->id;
  if (after == *before) return false;
  Account shown = after;
  shown.last_server_traffic_at = before->last_server_traffic_at;
  update_row(database, after, shown != *before);
  return true;
}

}  // namespace wasync
