#include "inbox/account.h"

#include <array>

#include "base/columns.h"
#include "base/error.h"
#include "base/sqlite.h"
#include "base/text.h"
#include "inbox/backfill_state.h"

namespace wasync {
namespace {

constexpr std::array<std::string_view, 5> kStatusNames{"connecting", "needs_qr", "connected",
                                                       "disconnected", "logged_out"};

Error no_row() {
  return {ErrorCode::kNotPaired,
          Phrase{"this account file has no account", "în acest fișier nu este niciun cont"},
          Phrase{"Run: wa-sync pair", "Rulează: wa-sync pair"}};
}

Error damaged_row() {
  return {ErrorCode::kStore,
          Phrase{"the account row of this file is damaged",
                 "rândul contului din acest fișier este deteriorat"},
          Phrase{"Restore the file from a backup, or move it away and pair again.",
                 "Restaurează fișierul dintr-o copie sau mută-l și conectează din nou."}};
}

// A text from a stranger: bounded when it is stored.
template <auto Member>
constexpr Column<Account> told(std::string_view name) {
  Column<Account> out = column<Member>(name);
  out.bind = [](Statement& statement, const Account& row) {
    statement.bind(storable_remark(row.*Member));
  };
  return out;
}

template <auto Member>
constexpr Column<Account> address(std::string_view name) {
  return {
      .name = name,
      .bind = [](Statement& statement,
                 const Account& row) { statement.bind((row.*Member).to_string()); },
      .read = [](const Statement& query, int at,
                 Account& row) { row.*Member = Jid::parse(query.text_view(at)).value_or(Jid{}); }};
}

constexpr Column<Account> kStatus{
    .name = "status",
    .bind = [](Statement& statement, const Account& row) { statement.bind(name(row.status)); },
    .read =
        [](const Statement& query, int at, Account& row) {
          const auto status = account_status_from(query.text_view(at));
          if (!status) throw damaged_row();
          row.status = *status;
        }};

template <auto Member>
constexpr Column<Account> history(std::string_view name) {
  return column<&Account::last_history_result, Member>(name);
}

// All but the id, which never changes.
constexpr std::array kAccountColumns{
    column<&Account::phone>("phone"),
    told<&Account::name>("name"),
    told<&Account::push_name>("push_name"),
    address<&Account::jid>("jid"),
    address<&Account::lid>("lid"),
    told<&Account::platform>("platform"),
    kStatus,
    column<&Account::created_at>("created_at"),
    column<&Account::last_connected_at>("last_connected_at"),
    column<&Account::last_disconnected_at>("last_disconnected_at"),
    told<&Account::last_disconnect_reason>("last_disconnect_reason"),
    told<&Account::last_error>("last_error"),
    column<&Account::last_server_traffic_at>("last_server_traffic_at"),
    column<&Account::last_history_sync_at>("last_history_sync_at"),
    column<&Account::history_sync_count>("history_sync_count"),
    history<&HistoryResult::saved>("history_saved"),
    history<&HistoryResult::skipped>("history_skipped"),
    history<&HistoryResult::errors>("history_errors"),
    history<&HistoryResult::total>("history_total"),
    history<&HistoryResult::placeholders>("history_placeholders"),
    history<&HistoryResult::chunks>("history_chunks"),
    history<&HistoryResult::progress>("history_progress"),
    history<&HistoryResult::dry_run>("history_dry_run"),
    column<&Account::history_complete>("history_complete"),
    column<&Account::last_realtime_ingest_at>("last_realtime_ingest_at"),
    column<&Account::last_realtime_message_at>("last_realtime_message_at"),
    told<&Account::last_realtime_error>("last_realtime_error"),
};

AccountId id_in(const Statement& query) {
  auto id = AccountId::parse(query.text_view(0));
  if (!id) throw damaged_row();
  return *std::move(id);
}

// All that is written while it lives becomes durable at once; also inside a transaction.
class Savepoint {
 public:
  explicit Savepoint(Database& database) : database_(database) {
    database_.execute("SAVEPOINT account");
  }
  ~Savepoint() {
    if (released_) return;
    try {
      database_.execute("ROLLBACK TO account; RELEASE account");
    } catch (const Error&) {
      // SQLite has rolled back all of the transaction by itself.
    }
  }
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  void release() {
    database_.execute("RELEASE account");
    released_ = true;
  }

 private:
  Database& database_;
  bool released_ = false;
};

void update_row(Database& database, const Account& account, bool dirtied) {
  static const std::string kUpdate =
      "UPDATE account SET " + assignments(kAccountColumns) +
      ", revision = revision + ?, upload_error = CASE WHEN ? THEN NULL ELSE upload_error END";
  auto update = database.prepare(kUpdate);
  bind_columns(update, kAccountColumns, account);
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
  static const std::string kSelect =
      "SELECT account_id, " + column_names(kAccountColumns) + " FROM account";
  auto query = database.prepare(kSelect);
  if (!query.step()) return std::nullopt;
  Account account{.id = id_in(query)};
  read_columns(query, kAccountColumns, account, 1);
  read_backfill_state(database, account);
  return account;
}

AccountId account_of(Database& database) {
  auto query = database.prepare("SELECT account_id FROM account");
  if (!query.step()) throw no_row();
  return id_in(query);
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
  static const std::string kInsert = "INSERT INTO account (row_id, account_id, " +
                                     column_names(kAccountColumns) + ") VALUES (1, ?, " +
                                     placeholders(kAccountColumns) + ")";
  auto insert = database.prepare(kInsert);
  insert.bind(account.id.str());
  bind_columns(insert, kAccountColumns, account);
  insert.run();
  store_backfill_state(database, Account{.id = account.id}, account);
}

bool update_account(Database& database, const std::function<void(Account&)>& change) {
  const auto before = read_account(database);
  if (!before) throw no_row();
  Account after = *before;
  change(after);
  after.id = before->id;
  if (after == *before) return false;
  Account shown = after;
  shown.last_server_traffic_at = before->last_server_traffic_at;
  Savepoint savepoint(database);
  update_row(database, after, shown != *before);
  store_backfill_state(database, *before, after);
  savepoint.release();
  return true;
}

}  // namespace wasync
