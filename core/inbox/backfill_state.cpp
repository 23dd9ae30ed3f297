#include "inbox/backfill_state.h"

#include <algorithm>
#include <array>

#include "base/columns.h"
#include "base/text.h"
#include "inbox/account.h"

namespace wasync {
namespace {

template <auto Member>
constexpr Column<Account> result(std::string_view name) {
  return column<&Account::last_backfill_result, Member>(name);
}

template <auto Member>
constexpr Column<Account> scheduled(std::string_view name) {
  return column<&Account::auto_backfill, Member>(name);
}

template <auto Member>
constexpr Column<Account> scheduled_remark(std::string_view name) {
  Column<Account> out = scheduled<Member>(name);
  out.bind = [](Statement& statement, const Account& row) {
    statement.bind(storable_remark(row.auto_backfill.*Member));
  };
  return out;
}

constexpr std::array kLastBackfill{
    column<&Account::last_backfill_at>("ended_at"), result<&BackfillResult::threads>("threads"),
    result<&BackfillResult::messages>("messages"), result<&BackfillResult::errors>("errors")};

constexpr std::array kFirstThreads{column<&BackfilledThread::thread>("thread"),
                                   column<&BackfilledThread::result>("result"),
                                   column<&BackfilledThread::messages>("messages")};

constexpr std::array kAutoBackfill{
    scheduled<&AutoBackfill::at>("ended_at"),
    scheduled<&AutoBackfill::attempt_at>("attempt_at"),
    scheduled<&AutoBackfill::success_at>("success_at"),
    scheduled<&AutoBackfill::running>("running"),
    scheduled<&AutoBackfill::started_at>("started_at"),
    scheduled<&AutoBackfill::trigger>("trigger"),
    scheduled_remark<&AutoBackfill::holder>("holder"),
    scheduled<&AutoBackfill::ok>("ok"),
    scheduled<&AutoBackfill::threads>("threads"),
    scheduled<&AutoBackfill::messages>("messages"),
    scheduled<&AutoBackfill::errors>("errors"),
    scheduled<&AutoBackfill::duration_ms>("duration_ms"),
    scheduled<&AutoBackfill::error_code>("error_code"),
    scheduled_remark<&AutoBackfill::error_message>("error_message"),
};

// The texts for a table of one row.
template <std::size_t N>
std::string select_text(const std::string& table, const Columns<Account, N>& columns) {
  return "SELECT " + column_names(columns) + " FROM " + table;
}
template <std::size_t N>
std::string put_text(const std::string& table, const Columns<Account, N>& columns) {
  return "INSERT OR REPLACE INTO " + table + " (only_row, " + column_names(columns) +
         ") VALUES (1, " + placeholders(columns) + ")";
}

void put_first_threads(Database& database, const std::vector<BackfilledThread>& threads) {
  database.execute("DELETE FROM last_backfill_threads");
  static const std::string kInsert = "INSERT INTO last_backfill_threads (place, " +
                                     column_names(kFirstThreads) + ") VALUES (?, " +
                                     placeholders(kFirstThreads) + ")";
  auto insert = database.prepare(kInsert);
  for (std::size_t i = 0; i < std::min(threads.size(), kBackfilledThreadsKept); ++i) {
    insert.bind(i + 1);
    bind_columns(insert, kFirstThreads, threads[i]);
    insert.run();
  }
}

}  // namespace

void read_backfill_state(Database& database, Account& account) {
  static const std::string kSelectLast = select_text("last_backfill", kLastBackfill);
  auto last = database.prepare(kSelectLast);
  if (last.step()) read_columns(last, kLastBackfill, account);
  static const std::string kSelectThreads =
      "SELECT " + column_names(kFirstThreads) + " FROM last_backfill_threads ORDER BY place";
  auto threads = database.prepare(kSelectThreads);
  while (threads.step())
    read_columns(threads, kFirstThreads, account.last_backfill_result.first_threads.emplace_back());
  static const std::string kSelectAuto = select_text("auto_backfill", kAutoBackfill);
  auto automatic = database.prepare(kSelectAuto);
  if (automatic.step()) read_columns(automatic, kAutoBackfill, account);
}

void store_backfill_state(Database& database, const Account& before, const Account& after) {
  const bool result_differs = after.last_backfill_result != before.last_backfill_result;
  if (result_differs || after.last_backfill_at != before.last_backfill_at) {
    static const std::string kPut = put_text("last_backfill", kLastBackfill);
    auto put = database.prepare(kPut);
    bind_columns(put, kLastBackfill, after);
    put.run();
  }
  if (result_differs) put_first_threads(database, after.last_backfill_result.first_threads);
  if (after.auto_backfill != before.auto_backfill) {
    static const std::string kPut = put_text("auto_backfill", kAutoBackfill);
    auto put = database.prepare(kPut);
    bind_columns(put, kAutoBackfill, after);
    put.run();
  }
}

std::string storable_remark(const std::string& text) {
  constexpr std::size_t kMaxCharacters = 1024;
  return std::string(first_characters(folded_whitespace(repaired_utf8(text)), kMaxCharacters));
}

}  // namespace wasync
