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
  int attempts = 0;               // failed attempts
  std::string last_error{};       // of the last failed attempt
  UnixSeconds next_attempt_at{};  // not before this time; unknown = at once
  bool reupload_asked = false;    // we asked the phone to upload the blob again
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

// Has no state of its own: it works on the caller's Database and transaction.
class HistoryQueue {
 public:
  // Nothing is put off for longer: see `next`.
  static constexpr std::chrono::seconds kLongestWait = std::chrono::hours(1);

  explicit HistoryQueue(Database& database) : database_(database) {}

  // Returns the item's id, or nothing when an item with the same dedupe key already waits or is
  // done. A done item then owes its receipt again, for the new message, because the phone did not
  // get the first receipt. A given-up item waits again, with the new contents. An item that awaits
  // a re-upload of the same key or chunk takes over the new notification, and `add` returns its id.
  std::optional<std::int64_t> add(const HistoryItem& item);

  // The next item that is due: by arrival, then chunk order. Nothing when none is due. An item that
  // seems to wait for longer than anything does was put off while the clock was wrong: it is due.
  std::optional<HistoryItem> next(UnixSeconds now);
  // When the earliest waiting item is due, by the clock of then; nothing when the queue is empty.
  std::optional<UnixSeconds> next_due() const;

  // Forgets the notification's bytes but remembers its dedupe key. From now on we owe its receipt:
  // until the phone gets the receipt, it keeps the blob and may send it again.
  void done(std::int64_t id, UnixSeconds now);
  // Plans the next attempt for `retry_at`, or gives up when that is unknown (zero).
  void failed(std::int64_t id, const std::string& error, UnixSeconds retry_at);
  // Call after asking the phone to upload the blob again. The next attempt comes when the phone
  // announces the new upload, and at `until` in any case.
  void await_reupload(std::int64_t id, const std::string& error, UnixSeconds until);
  // Returns the items that await such an upload, and lets them wait until `until`. The caller asks
  // the phone again.
  std::vector<AwaitedReupload> await_reuploads_again(UnixSeconds until);
  // How many items were given up although we asked for a re-upload.
  std::int64_t fruitless_reuploads() const;
  // Gives given-up items another chance; returns how many.
  std::int64_t retry_failed();
  // Call on a re-pair, which makes old blobs unreachable. Drops whatever waits, and forgets dedupe
  // keys so that the phone may send the same blob again.
  void clear();

  // In the order in which the items became done.
  std::vector<OwedReceipt> owed_receipts() const;
  void receipt_delivered(const OwedReceipt& receipt);

  // The chunks that were taken in, or given up, since the last `clear`.
  std::vector<FinishedChunk> finished() const;
  HistoryQueueCounts counts() const;
  // The error of the latest item that waits after a failure or was given up; empty when there is
  // none.
  std::string last_error() const;

 private:
  std::optional<std::int64_t> take_reupload(const HistoryItem& item, const std::string& key);

  Database& database_;
};

}  // namespace wasync
