#include "inbox/set_aside.h"

#include <algorithm>
#include <array>

#include "base/sqlite.h"
#include "inbox/listing.h"

namespace wasync {
namespace {

constexpr std::string_view kRows =
    "SELECT 0, row_id, '', '', upload_error, upload_refusals FROM account"
    " WHERE upload_error IS NOT NULL UNION ALL"
    " SELECT 1, row_id, jid, '', upload_error, upload_refusals FROM threads"
    " WHERE upload_error IS NOT NULL UNION ALL"
    " SELECT 2, m.row_id, t.jid, m.document_id, m.upload_error, m.upload_refusals"
    " FROM messages m JOIN threads t ON t.row_id = m.thread WHERE m.upload_error IS NOT NULL"
    " UNION ALL SELECT 3, row_id, jid, '', upload_error, upload_refusals FROM contacts"
    " WHERE upload_error IS NOT NULL ORDER BY 1, 2";

// By DirtyKind.
constexpr std::array<std::string_view, 4> kOffered{
    "SELECT revision > uploaded_revision, upload_error FROM account WHERE row_id = ?",
    "SELECT revision > uploaded_revision, upload_error FROM threads WHERE row_id = ?",
    "SELECT revision > uploaded_revision, upload_error FROM messages WHERE row_id = ?",
    "SELECT revision > uploaded_revision, upload_error FROM contacts WHERE row_id = ?"};

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
  auto query = database.prepare(kRows);
  std::vector<SetAsideRow> out;
  while (query.step()) {
    const auto kind = static_cast<DirtyKind>(query.integer(0));
    out.push_back({.kind = kind,
                   .row = query.integer(1),
                   .document = document_of(account, kind, query.text(2), query.text(3)),
                   .error = query.text(4),
                   .refusals = std::max<std::int64_t>(1, query.integer(5))});
  }
  return out;
}

bool retried_in_vain(Database& database) {
  const std::vector<SetAsideRow> rows = set_aside_rows(database);
  return !rows.empty() &&
         std::ranges::all_of(rows, [](const SetAsideRow& row) { return row.refusals > 1; });
}

OfferedRow offered_row(Database& database, DirtyKind kind, std::int64_t row) {
  auto query = database.prepare(kOffered.at(static_cast<std::size_t>(kind)));
  query.bind(row);
  if (!query.step()) return {.sent = true};
  return {.sent = query.integer(0) == 0, .error = query.optional_text(1)};
}

}  // namespace wasync
