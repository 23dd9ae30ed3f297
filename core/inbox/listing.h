// Reads rows into the values of queries.h, for the queries and for the upload. Private to the
// inbox.
#pragma once

#include <optional>
#include <string>

#include "base/sqlite.h"
#include "inbox/message_row.h"
#include "inbox/queries.h"

namespace wasync {

// The columns of `threads t` that `read_listing` expects; the last two are revision and
// uploaded_revision.
const std::string& listing_columns();
inline constexpr int kListingColumns = 20;
// Selects them, newest first. The parameter is the time of the oldest one.
const std::string& newest_threads_text();
// The columns of messages with their thread (`messages m JOIN threads t ON t.row_id = m.thread`). A
// sender without a name of its own takes the contact's.
const std::string& joined_message_columns();

struct ListedThread {
  ThreadListing listing;
  std::string display_name;
  std::string group_subject;
  std::optional<ThreadId> redirect_to;
};

// Throws Error(kStore) when the row holds an address that cannot be a thread.
ListedThread read_listing(const Statement& query, const AccountId& account);
StoredMessage read_stored_message(const Statement& query);

}  // namespace wasync
