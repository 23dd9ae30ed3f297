// Works off the queue of history notifications: asks where to download from, ingests each chunk on
// a worker thread, tells the phone when it is stored, and deletes its blob at the servers.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/jid.h"
#include "history/answered_chat.h"
#include "inbox/history_queue.h"

namespace wasync {

class Database;
class DryRun;
class LiveConnection;
namespace pb {
class HistorySyncNotification;
}

// How far we have taken in one chunk. Counts are of this chunk alone.
struct ChunkStatus {
  int type = 0;  // HistorySyncType as on the wire
  std::uint32_t chunk_order = 0;
  std::uint32_t progress = 0;  // percent, as the phone reports it
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
  std::int64_t damaged = 0;   // parts that we could not read; known once it is done
  std::int64_t left_out = 0;  // likewise; see InboxWriter::Counts
  // For an answer to an on-demand request: the request's id, and what the answer says (known once
  // it is done).
  std::string request_id{};
  std::vector<AnsweredChat> answered{};
  std::string deletion_secret{};  // the one that it told; empty: none
};

// Called on the io thread. What on_progress throws leaves the io_context's run().
struct HistoryWorkerEvents {
  std::function<void(const ChunkStatus&)> on_progress;
  std::function<void(const ChunkStatus&)> on_done;  // committed
  // Given up: we cannot get its content or cannot trust it.
  std::function<void(const ChunkStatus&, const Error&)> on_failed;
};

// Used from the io_context thread that also runs the session.
class HistoryWorker {
 public:
  using FreeBytes = std::function<std::uintmax_t(const std::filesystem::path&)>;

  // `queue_database` is the io thread's connection. Each chunk is one job for `workers`, one at a
  // time; the job opens its own connection to `file`.
  // With `space`, a chunk that the disk has no room for waits; without it, that is trouble of our
  // own. With `dry_run`, the worker stores only that chunks are done. `dry_run` counts what it
  // would have stored; you may read it when an event tells of a chunk.
  HistoryWorker(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
                Database& queue_database, std::filesystem::path file, HistoryWorkerEvents events,
                std::shared_ptr<DryRun> dry_run = {}, FreeBytes space = {});
  // Destroy it only while it does not drain.
  ~HistoryWorker();

  // Ingests what is due until nothing is. Makes sure that the phone gets a receipt for everything
  // ever ingested. Needs the session for hosts and receipts. Deletes blobs at the media servers if
  // that goes quickly, and otherwise leaves them to expire there.
  //   A chunk that we cannot fetch now (we reach no media host, or wait for room) stays queued for
  // later, however often that happens. When a blob is gone or damaged, we ask for it
  // again, once in each session until it comes, and wait for it a while each time. We give up a
  // chunk (on_failed) when we cannot get its content any more or cannot trust it.
  //   Throws Error for trouble of our own (a failing file), when the session ends, and what an
  // event threw.
  boost::asio::awaitable<void> drain(std::shared_ptr<LiveConnection> connection);

  // Ends an ingestion under way at its next commit; what is committed stays.
  void stop();

 private:
  struct Job;

  // Returns whether the chunk is committed.
  boost::asio::awaitable<bool> take_in(std::shared_ptr<LiveConnection> connection,
                                       HistoryItem item);
  boost::asio::awaitable<ChunkStatus> ingest_chunk(std::shared_ptr<LiveConnection> connection,
                                                   HistoryItem item);
  bool may_ask_for_reupload(const HistoryItem& item) const;
  void ask_for_reupload(LiveConnection& connection, const HistoryItem& item, const Error& error);
  void ask_for_reuploads_again(LiveConnection& connection);
  void handle_failure(const HistoryItem& item, const ChunkStatus& status, const Error& error,
                      bool again);
  boost::asio::awaitable<void> delete_at_servers(std::shared_ptr<LiveConnection> connection,
                                                 pb::HistorySyncNotification notification);
  boost::asio::awaitable<void> shorten_log();
  void learn_deletion_secret(const std::string& secret);
  // Sends the receipts owed that are not in `sent`, and adds them to it.
  void send_receipts(LiveConnection& connection, std::vector<OwedReceipt>& sent);

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor workers_;
  Database& queue_database_;
  std::filesystem::path file_;
  HistoryWorkerEvents events_;
  std::shared_ptr<DryRun> dry_run_;
  FreeBytes free_bytes_;
  std::weak_ptr<LiveConnection> asked_over_;  // the last session that asked again for awaited blobs
  bool deleting_ = true;  // false: the servers did not answer, so we stop asking them
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace wasync
