#include "inbox/set_aside.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/columns.h"
#include "base/sqlite.h"
#include "inbox/listing.h"

namespace wasync {
namespace {

// A document's row, and what names the document.
struct Refused {
  DirtyKind kind = DirtyKind::kMessage;
  std::int64_t row = 0;
  std::string jid{};
  std::string message{};
  std::string error{};
  std::int64_t refusals = 1;
};
constexpr std::array kRefusedColumns{
    column<&Refused::kind>("kind"),   column<&Refused::row>("row_id"),
    column<&Refused::jid>("jid"),     column<&Refused::message>("message"),
    column<&Refused::error>("error"), column<&Refused::refusals>("refusals")};

constexpr std::string_view kRefusedRows =
    "SELECT 0 AS kind, row_id, '' AS jid, '' AS message, upload_error AS error,"
    " upload_refusals AS refusals FROM account"
    " WHERE upload_error IS NOT NULL UNION ALL"
    " SELECT 1, row_id, jid, '', upload_error, upload_refusals FROM threads"
    " WHERE upload_error IS NOT NULL UNION ALL"
    " SELECT 2, m.row_id, t.jid, m.document_id, m.upload_error, m.upload_refusals"
    " FROM messages m JOIN threads t ON t.row_id = m.thread WHERE m.upload_error IS NOT NULL"
    " UNION ALL SELECT 3, row_id, jid, '', upload_error, upload_refusals FROM contacts"
    " WHERE upload_error IS NOT NULL";

constexpr std::array kOffered{column<&OfferedRow::sent>("revision <= uploaded_revision"),
                              column<&OfferedRow::error>("upload_error")};

constexpr std::array<std::string_view, 4> kTables{"account", "threads", "messages",
                                                  "contacts"};  // by DirtyKind

std::string document_of(const AccountId& account, DirtyKind kind, const std::string& jid,
                        const std::string& message) {
  const std::string of_chat = account.str() + "__" + jid;
  switch (kind) {
    case DirtyKind::kAccount: return "accounts/" + account.str();
    case DirtyKind::kThread: return "threads/" + of_chat;
    case DirtyKind::kMessage: return "threads/" + of_chat + "/messages/" + message;
    case DirtyKind::kContact: break;
  }
  return "contacts/" + of_chat;
}

}  // namespace

std::vector<SetAsideRow> set_aside_rows(Database& database) {
  const AccountId account = account_of(database);
  auto query = database.prepare("SELECT " + column_names(kRefusedColumns) + " FROM (" +
                                std::string(kRefusedRows) + ") ORDER BY kind, row_id");
  std::vector<SetAsideRow> out;
  while (query.step()) {
    Refused found;
    read_columns(query, kRefusedColumns, found);
    out.push_back({.kind = found.kind,
                   .row = found.row,
                   .document = document_of(account, found.kind, found.jid, found.message),
                   .error = std::move(found.error),
                   .refusals = std::max<std::int64_t>(1, found.refusals)});
  }
  return out;
}

bool retried_in_vain(Database& database) {
  const std::vector<SetAsideRow> rows = set_aside_rows(database);
  return !rows.empty() &&
         std::ranges::all_of(rows, [](const SetAsideRow& row) { return row.refusals > 1; });
}

OfferedRow offered_row(Database& database, DirtyKind kind, std::int64_t row) {
  const std::string table(kTables.at(static_cast<std::size_t>(kind)));
  auto query =
      database.prepare("SELECT " + column_names(kOffered) + " FROM " + table + " WHERE row_id = ?");
  query.bind(row);
  OfferedRow out{.sent = true};
  if (query.step()) read_columns(query, kOffered, out);
  return out;
}

}  // namespace wasync
