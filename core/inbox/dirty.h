// What has not reached the Inbox yet, and marking it sent. Reading and marking need not share
// a transaction: a row that changed in between stays dirty, because marking names the revision
// that was sent.
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
  bool first_upload = false;  // never uploaded before
};

struct DirtyThread {
  DirtyMark mark{};
  ThreadListing thread;
  std::string display_name{};  // empty when there is none: then not written
  std::string group_subject{};
  std::optional<ThreadId> redirect_to{};
  std::string last_text{};  // newest inbound content, at most 100 characters
};

struct DirtyMessage {
  DirtyMark mark{};
  ThreadId thread;
  StoredMessage message;
};

struct DirtyContact {
  DirtyMark mark{};
  Contact contact{};
  std::string phone{};  // E.164, empty when unknown
};

// At most `limit` dirty rows that are not set aside; newest activity first, so that what an
// operator looks at first arrives first.
std::vector<DirtyThread> dirty_threads(Database& database, std::size_t limit);
std::vector<DirtyMessage> dirty_messages(Database& database, std::size_t limit);
std::vector<DirtyContact> dirty_contacts(Database& database, std::size_t limit);
std::optional<DirtyMark> dirty_account(Database& database);

// Call inside one transaction per batch. Returns how many rows are clean now: the others
// changed meanwhile and stay dirty with `uploaded_revision` raised to what was sent.
std::int64_t mark_uploaded(Database& database, std::span<const DirtyMark> marks);

// A write the Inbox refuses for good: the row is set aside with the reason and not offered
// again until it changes.
void set_aside(Database& database, const DirtyMark& mark, std::string_view error);

// Offers set-aside rows again; returns how many.
std::int64_t retry_set_aside(Database& database);

// Makes everything dirty again (another project or an emptied one).
void mark_everything_dirty(Database& database);

}  // namespace wasync
