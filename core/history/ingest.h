// From the compressed bytes of one history chunk to committed rows in the account's file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"
#include "history/answered_chat.h"
#include "history/reader.h"
#include "history/web_message.h"

namespace wasync {

class Database;
class InboxWriter;
namespace pb {
class HistorySyncNotification;
}

struct IngestProgress {
  int sync_type = 0;  // HistorySyncType
  std::uint32_t chunk_order = 0;
  std::uint32_t percent = 0;  // of the whole history, as the phone counts it
  // Of this chunk, committed so far.
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
};

// A message that the phone itself could not decrypt so far; the inbox shows that it is awaited.
struct AwaitedInHistory {
  MessageKey key{};
  Jid chat{};
  Jid sender{};  // empty for our own
  UnixSeconds sent_at{};
};

struct IngestResult {
  int sync_type = -1;
  std::uint32_t chunk_order = 0;
  std::uint32_t percent = 0;
  std::int64_t conversations = 0;
  std::int64_t threads_created = 0;
  std::int64_t placeholders = 0;
  std::int64_t messages_seen = 0;
  std::int64_t messages_inserted = 0;
  std::int64_t messages_updated = 0;
  std::int64_t messages_known = 0;    // stored before
  std::int64_t messages_dropped = 0;  // chats that cannot be threads, or backfill without one
  std::int64_t messages_nothing = 0;  // protocol messages and notices
  std::int64_t contacts_changed = 0;
  std::int64_t left_out = 0;  // of what waits for its message: see InboxWriter::Counts
  std::int64_t mappings_learned = 0;
  std::int64_t push_names = 0;
  std::int64_t statuses = 0;
  std::int64_t errors = 0;                // damaged or unusable parts
  std::string deletion_secret;            // see ChunkHeader
  std::vector<AnsweredChat> answered;     // on-demand only
  std::vector<AwaitedInHistory> awaited;  // a bounded number
};

struct IngestOptions {
  OwnIdentity own;
  // From the notification; see `ingest_options_for`. What the chunk itself says wins.
  int sync_type = 0;
  std::uint32_t chunk_order = 0;
  std::uint32_t percent = 0;
  UnixSeconds oldest_message_at;  // stands in for a missing time when nothing better is known
  // In an answer to a request for older messages: the chat as the request named it. The answer may
  // use the chat's other address, and then the two are a LID mapping. Empty: not known.
  Jid requested_chat{};

  // Marked done in the last transaction.
  std::optional<std::int64_t> queue_item;
  // Does everything and rolls it back. Only the account's totals and the queue item change.
  bool dry_run = false;
  // Sees the file as it would be.
  std::function<void(Database&)> before_roll_back;
  ParserLimits limits;
  // Bounds how long other writers of the same file wait.
  std::size_t messages_per_transaction = 4000;
  UnixSeconds now = UnixSeconds::now();

  std::function<void(const IngestProgress&)> on_progress;  // after each commit
  std::function<bool()> interrupted;                       // asked after each commit
  // Runs in the last transaction, so that its writes commit together with the done mark.
  std::function<void(InboxWriter&, const IngestResult&)> before_last_commit;
};

IngestOptions ingest_options_for(const pb::HistorySyncNotification& notification);

// Idempotent: a chunk that was ingested before, wholly or in part, adds only what is missing.
// The account's history totals and the queue item change in the same transactions as the rows.
//
// Throws Error(kProtocol) when the damage goes beyond single parts, Error(kStore), or
// Error(kInterrupted); what was committed before that stays.
IngestResult ingest(Database& database, const ChunkSource& source, const IngestOptions& options);

}  // namespace wasync
