// Lists the rows that the Inbox refused for good: which documents they are, and what happened after
// they were offered again (retry_set_aside in dirty.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inbox/dirty.h"

namespace wasync {

struct SetAsideRow {
  DirtyKind kind = DirtyKind::kMessage;
  std::int64_t row = 0;
  std::string document{};     // "threads/ID/messages/ID"
  std::string error{};        // as the Inbox worded it
  std::int64_t refusals = 1;  // since the Inbox last took the row
};

// The account first, then threads, messages and contacts.
std::vector<SetAsideRow> set_aside_rows(Database& database);

// Whether there are set-aside rows, and the Inbox has refused each of them again after they were
// offered again.
bool retried_in_vain(Database& database);

struct OfferedRow {
  bool sent = false;                   // the Inbox has the row, or the row is gone; else it waits
  std::optional<std::string> error{};  // why the Inbox refused it again
};
OfferedRow offered_row(Database& database, DirtyKind kind, std::int64_t row);

}  // namespace wasync
