// The durable queue between the arrival of a history notification and its ingestion: the
// notification is added in the transaction that precedes its ack; the chunk is downloaded
// later, and marked done in the transaction that commits its rows. A crash in between repeats
// the chunk, which changes nothing, because ingestion is idempotent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace wasync {

class Database;

struct HistoryItem {
  std::int64_t id = 0;  // of the queue; set by `add`
  UnixSeconds received_at{};
  int type = 0;  // HistorySyncType as on the wire
  int chunk_order = 0;
  int progress = 0;               // percent, as the notification states it
  Bytes notification{};           // serialized, as it came
  std::string message_id{};       // of the message that carried it (needed for its receipt)
  std::string dedupe_key{};       // names the blob: its hash, or the message id for inline payloads
  std::string request_id{};       // on-demand: the session id of the request it answers
  int attempts = 0;               // failed ones
  std::string last_error{};       // of the last failed attempt
  UnixSeconds next_attempt_at{};  // not before; unknown = at once
  bool reupload_asked = false;    // the phone was asked to upload the blob again
};

struct HistoryQueueCounts {
  std::int64_t waiting = 0;  // to be processed now or later
  std::int64_t failed = 0;   // given up
  std::int64_t done = 0;
};

struct OwedReceipt {
  std::int64_t item = 0;
  std::string message_id{};
};

struct AwaitedReupload {
  std::string message_id{};  // as in HistoryItem
  Bytes notification{};
};

struct FinishedChunk {
  int type = 0;
  int progress = 0;
};

// Stateless over the caller's Database and transaction.
class HistoryQueue {
 public:
  explicit HistoryQueue(Database& database) : database_(database) {}

  // The item's id; nothing when an item of the same dedupe key is known, waiting or done. One
  // that is done owes its receipt again, for the new message: the phone did not get the first.
  // One that was given up waits again, as it is now. One whose blob is awaited again, of the same
  // key or chunk, takes the new one's place: its id is returned.
  std::optional<std::int64_t> add(const HistoryItem& item);

  // The next item that is due: by arrival, then chunk order. Nothing when none is due.
  std::optional<HistoryItem> next(UnixSeconds now);
  // When the earliest waiting item is due; nothing when the queue is empty.
  std::optional<UnixSeconds> next_due() const;

  // Forgets the notification's bytes but remembers its dedupe key. From now on its receipt
  // is owed: the phone keeps the blob, and may send it again, until it gets that.
  void done(std::int64_t id, UnixSeconds now);
  // Tries again at `retry_at`; gives up when it is unknown (zero).
  void failed(std::int64_t id, const std::string& error, UnixSeconds retry_at);
  // The phone was asked for the blob once more: tried again when it has announced that, and at
  // `until` in any case.
  void await_reupload(std::int64_t id, const std::string& error, UnixSeconds until);
  // Those whose blobs are awaited so, from now on until `until`: the phone is to be asked again.
  std::vector<AwaitedReupload> await_reuploads_again(UnixSeconds until);
  // How many were given up after that.
  std::int64_t fruitless_reuploads() const;
  // Gives items that were given up another chance; returns how many.
  std::int64_t retry_failed();
  // A re-pair makes old blobs unreachable: whatever waits is dropped, and dedupe keys are
  // forgotten so that the phone may send the same blob again.
  void clear();

  // In the order in which they became done.
  std::vector<OwedReceipt> owed_receipts() const;
  void receipt_delivered(const OwedReceipt& receipt);

  // What has been taken in, or given up, since the last `clear`.
  std::vector<FinishedChunk> finished() const;
  HistoryQueueCounts counts() const;
  // Of an item that waits after a failure or was given up, the latest; empty when there is none.
  std::string last_error() const;

 private:
  std::optional<std::int64_t> take_reupload(const HistoryItem& item, const std::string& key);

  Database& database_;
};

}  // namespace wasync
