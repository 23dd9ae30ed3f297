// Reads the inbox for what the commands show. It only reads, and works with any connection to the
// account's file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "inbox/account.h"
#include "inbox/ids.h"
#include "inbox/message.h"
#include "inbox/visibility.h"

namespace wasync {

class Database;

struct ThreadListing {
  ThreadId thread;
  Jid jid{};
  std::string name{};   // as the app resolves it (visibility.h)
  std::string phone{};  // empty for groups and LIDs without a known phone
  UnixSeconds last_message_at{};
  bool time_known = true;  // false: the time is unknown, the thread sorts last
  std::string last_message{};
  std::optional<Direction> direction{};  // of the newest message
  std::string last_sender_name{};
  std::uint32_t unread = 0;
  std::int64_t messages = 0;
  bool placeholder = false;  // no message yet
  bool history_exhausted = false;
  UnixSeconds last_backfill_at{};
  bool adopted = false;               // the Inbox held it before we did
  std::int64_t too_large = 0;         // messages of history that could not be taken in
  UnixSeconds identity_changed_at{};  // the person's safety number; unknown: it has not
  std::optional<HiddenBecause> hidden_because{};
};

struct ListOptions {
  std::optional<std::size_t> limit{};  // of listed threads; none = all
  bool include_hidden = false;
  // Words of the name and the last message, as search.h finds them, or a part of the phone or the
  // address of at least three characters. Empty: all threads.
  std::string search{};
  UnixSeconds since{};  // only threads with a message at or after
};

// Newest first, as the app would show them. A search costs the same among few and many threads; it
// completes the index before (search_index.h), and reads all threads when that is switched off.
std::vector<ThreadListing> list_threads(Database& database, const ListOptions& options = {});

// One message as it is stored. `message.chat` is the thread's address.
struct StoredMessage {
  MessageId id;
  Message message{};
  std::string original_body{};  // before the first edit; empty when never edited
  bool body_truncated = false;
  UnixSeconds delivered_at{};
  UnixSeconds read_at{};
};

struct MessageOptions {
  std::size_t limit = 50;
  UnixSeconds before{};  // only older ones; unknown = from the newest
};

// The newest `limit` messages, oldest of them first (reading order).
std::vector<StoredMessage> thread_messages(Database& database, const ThreadId& thread,
                                           const MessageOptions& options = {});

// The oldest messages of a thread, oldest first: anchors for an on-demand history request.
struct Anchor {
  MessageKey key{};
  UnixSeconds sent_at{};
};
std::vector<Anchor> oldest_messages(Database& database, const ThreadId& thread, std::size_t limit);

// Resolves what a person typed: a thread id, a JID, a phone or a name (whole name first, then
// a part of one; case-insensitive). Redirected threads lead to their target.
struct NoSuchThread {};
struct AmbiguousThread {
  std::vector<ThreadListing> candidates{};  // at most 10
};
using FoundThread = std::variant<ThreadListing, NoSuchThread, AmbiguousThread>;
FoundThread find_thread(Database& database, std::string_view text);

// Whether we have the message but not its content: its type is "undecryptable", and it is not
// deleted.
bool awaits_content(Database& database, const Jid& chat, const MessageKey& key);

// Totals for `accounts list`, the end of `pair`, and `diagnose`.
struct InboxTotals {
  std::int64_t threads = 0;  // without redirected ones
  std::int64_t placeholders = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
  std::int64_t unsent = 0;     // dirty rows of all kinds
  std::int64_t set_aside = 0;  // rows with an upload error
  UnixSeconds oldest_message_at{};
  UnixSeconds newest_message_at{};
};
InboxTotals inbox_totals(Database& database);

std::optional<std::string> phone_for_lid(Database& database, const Jid& lid);  // E.164
std::optional<Jid> lid_for_phone(Database& database, const Jid& phone);
// Includes the LIDs that WhatsApp has replaced since.
std::vector<Jid> lids_for_phone(Database& database, const Jid& phone);
// Name, push name and so on of one person; nothing when unknown.
std::optional<Contact> find_contact(Database& database, const Jid& jid);

}  // namespace wasync
