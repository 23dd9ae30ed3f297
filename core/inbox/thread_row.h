// One row of `threads` in memory, and the rules that change it. Private to the inbox.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "inbox/message.h"

namespace wasync {

class Database;

// Where a display name came from; a worse source never replaces a better one.
enum class NameRank {
  kNone = 0,
  kVerified = 1,  // verified business name
  kPush = 2,      // the name that the person chose
  kHistory = 3,   // the chat's name in history
  kAdopted = 4,   // the Inbox held it before we did: one of the above, or the next
  kSaved = 5,     // in the phone's contacts
  kSubject = 6,   // a group's subject
};

// The time is unknown. It sorts below every real conversation, and any real time is later, so that
// lastMessageAt need not move backwards when a real time comes.
inline constexpr UnixSeconds kNoTimeTold{1};

struct ThreadRow {
  // What the Inbox gets: a change here makes the row dirty.
  struct Shown {
    std::string name{};
    NameRank name_rank = NameRank::kNone;
    std::string group_subject{};
    UnixSeconds last_message_at{};
    std::optional<bool> newest_from_me{};
    std::string last_text{};
    std::string last_sender_name{};
    std::uint32_t unread = 0;
    bool history_exhausted = false;
    UnixSeconds last_backfill_at{};
    std::string redirect_to{};
    bool operator==(const Shown&) const = default;
  };
  // What only we need.
  struct Kept {
    UnixSeconds newest_at{};
    UnixSeconds oldest_at{};
    UnixSeconds inbound_at{};
    std::string inbound_id{};
    std::int64_t messages = 0;
    bool archived_on_phone = false;
    bool pinned_on_phone = false;
    UnixSeconds muted_until{};
    UnixSeconds identity_changed_at{};
    std::int64_t too_large = 0;
    bool operator==(const Kept&) const = default;
  };

  std::int64_t row_id = 0;
  std::string jid{};
  Jid address{};  // the same
  Shown shown{};
  Kept kept{};
  Shown stored_shown{};  // as in the file
  Kept stored_kept{};
  UnixSeconds conversation_at{};  // from history, for a thread without messages
  bool created = false;           // this writer created it
};

// The earlier one; when only one is known, that one.
UnixSeconds earlier(UnixSeconds one, UnixSeconds other);

// Nothing when there is no such thread.
std::optional<ThreadRow> load_thread(Database& database, std::string_view jid);
// Inserts a bare row and yields it; `save_thread` completes it.
ThreadRow insert_thread(Database& database, std::string_view jid);
// Sets lastMessageAt and, when there is no other, a name of last resort, and writes what differs
// from the file. Returns whether it wrote.
bool save_thread(Database& database, ThreadRow& row);

// Takes `name` (clean, may be empty) unless it is empty or from a worse source.
void improve_name(ThreadRow& row, const std::string& name, NameRank rank);

// A message of this thread that was just inserted.
struct MessageNews {
  std::string_view document_id;
  UnixSeconds sent_at{};  // kNoTimeTold when unknown
  bool from_me = false;
  SyncSource source = SyncSource::kHistorySync;
  std::string_view sender_name;
};
// Returns whether the message is the thread's preview now; the caller then sets `last_text`.
bool note_message(ThreadRow& row, const MessageNews& news);

// Merges `from` into `into`: the better or newer of each fact wins. It does not change `messages`:
// the caller counts them.
void merge_thread(ThreadRow& into, const ThreadRow& from);

}  // namespace wasync
