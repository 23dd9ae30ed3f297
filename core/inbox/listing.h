// Reading rows into the values of queries.h; shared by queries and the upload side. Private
// to the inbox.
#pragma once

#include <optional>
#include <string>

#include "base/sqlite.h"
#include "inbox/message_row.h"
#include "inbox/queries.h"

namespace wasync {

// The columns of threads, in the order `read_listing` expects.
#define WASYNC_THREAD_COLUMNS                                                                 \
  "t.row_id, t.jid, t.name, t.group_subject, t.last_message_at, t.last_text,"                 \
  " t.last_sender_name, t.newest_from_me, t.unread, t.messages, t.hidden, t.archived,"        \
  " t.redirect_to, t.history_exhausted, t.last_backfill_at, t.revision, t.uploaded_revision," \
  " t.adopted"
// Of messages with their thread (`messages m JOIN threads t ON t.row_id = m.thread`); a sender
// without a name of its own takes the contact's.
#define WASYNC_JOINED_MESSAGE_COLUMNS                                                           \
  WASYNC_MESSAGE_COLUMNS                                                                        \
  ", t.jid, m.revision, m.uploaded_revision, CASE WHEN m.from_me = 0 AND m.sender_name IS NULL" \
  " THEN (SELECT coalesce(nullif(c.saved_name, ''), nullif(c.push_name, ''), c.verified_name)"  \
  " FROM contacts c WHERE c.jid = coalesce(m.sender, t.jid)) END"

struct ListedThread {
  ThreadListing listing;
  std::string display_name;
  std::string group_subject;
  std::optional<ThreadId> redirect_to;
};

// Throws Error(kStore) when the row holds an address that cannot be a thread.
ListedThread read_listing(const Statement& query, const AccountId& account);
StoredMessage read_stored_message(const Statement& query);

// Throws Error(kNotPaired) when the file has no account row.
AccountId account_of(Database& database);

}  // namespace wasync
