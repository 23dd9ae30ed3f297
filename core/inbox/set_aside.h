// Rows that the Inbox refused for good, one by one: which documents they are, and what became of
// them once they were offered again (retry_set_aside in dirty.h).
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
  std::string error{};        // as the Inbox put it
  std::int64_t refusals = 1;  // since it last took the row
};

// The account first, then threads, messages and contacts.
std::vector<SetAsideRow> set_aside_rows(Database& database);

// Whether every one of them has been offered again already, and was refused again.
bool retried_in_vain(Database& database);

struct OfferedRow {
  bool sent = false;                   // the Inbox has it, or it is gone; else it waits
  std::optional<std::string> error{};  // refused again
};
OfferedRow offered_row(Database& database, DirtyKind kind, std::int64_t row);

}  // namespace wasync
