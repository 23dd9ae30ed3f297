// Reads the rows that have not reached the Inbox yet, and marks them as sent. Reading and marking
// need not share a transaction: a row that changed in between stays dirty, because marking names
// the revision that was sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "inbox/account.h"
#include "inbox/ids.h"
#include "inbox/queries.h"

namespace wasync {

class Database;

enum class DirtyKind { kAccount, kThread, kMessage, kContact };

// Names one row at one revision.
struct DirtyMark {
  DirtyKind kind = DirtyKind::kThread;
  std::int64_t row = 0;
  std::int64_t revision = 0;
  bool first_upload = false;      // never uploaded before
  UnixSeconds last_message_at{};  // for a thread: the value in the Inbox after the upload
};

struct DirtyThread {
  DirtyMark mark{};
  ThreadListing thread;
  std::string display_name{};  // empty when there is none: then it is not written
  std::string group_subject{};
  std::optional<ThreadId> redirect_to{};
  std::string last_text{};  // newest inbound content, at most 100 characters
  bool adopted = false;     // the Inbox held it before we did
  bool has_news = true;     // last_message_at is later than the one the Inbox has
};

struct DirtyMessage {
  DirtyMark mark{};
  ThreadId thread;
  StoredMessage message;
  bool thread_adopted = false;  // then the Inbox may hold the message already
};

struct DirtyContact {
  DirtyMark mark{};
  Contact contact{};
  std::string phone{};  // E.164, empty when unknown
};

// These functions return dirty rows that are not set aside. The threads with the newest activity
// come first, and within a thread the newest messages, so that what an operator looks at first
// arrives first.
std::vector<std::int64_t> threads_with_dirty_messages(Database& database);  // rows
// dirty_messages returns the messages of one thread that follow `after`: at most `limit`, and no
// more than some MiB of them.
struct MessageCursor {
  UnixSeconds sent_at{INT64_MAX};
  std::int64_t row = INT64_MAX;
};
std::vector<DirtyMessage> dirty_messages(Database& database, std::int64_t thread, std::size_t limit,
                                         MessageCursor after = {});
std::vector<std::int64_t> dirty_threads(Database& database);  // rows
std::optional<DirtyThread> dirty_thread(Database& database, std::int64_t row);
// Returns at most `limit` contacts, with row ids after `after`.
std::vector<DirtyContact> dirty_contacts(Database& database, std::size_t limit,
                                         std::int64_t after = 0);
std::optional<DirtyMark> dirty_account(Database& database);

// Call inside one transaction per batch. A row that changed meanwhile stays dirty, and its
// `uploaded_revision` rises to the revision that was sent.
void mark_uploaded(Database& database, std::span<const DirtyMark> marks);

// Sets a row aside, with the reason, when the Inbox refuses it for good. The row is not offered
// again until it changes.
void set_aside(Database& database, const DirtyMark& mark, std::string_view error);

// Offers set-aside rows again; returns how many.
std::int64_t retry_set_aside(Database& database);

struct DirtyCount {
  std::int64_t rows = 0;       // of all kinds, to be uploaded
  std::int64_t set_aside = 0;  // refused by the Inbox
};
DirtyCount count_dirty(Database& database);
// When the thread that waits longest started to wait. Unknown when none waits, or when it has
// waited since before this time was recorded.
UnixSeconds unsent_since(Database& database);
// Why the Inbox refused one of the set-aside rows; empty when there are none.
std::string a_refusal(Database& database);

// The name of the Inbox that the upload marks refer to; empty before there was one.
std::string upload_target(Database& database);
void set_upload_target(Database& database, std::string_view target);
// Marks everything as never uploaded or adopted, and clears the target. Call it before a change to
// another Inbox, or while the Inbox is not known. Works inside the caller's transaction.
void forget_uploads(Database& database);
// Records that the Inbox already has a document of the account: ours is not the first.
void mark_account_known(Database& database);

}  // namespace wasync
