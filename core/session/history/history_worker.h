// Works off the queue of history notifications: asks where to download from, ingests each
// chunk on a worker thread, tells the phone when it is stored, deletes its blob at the servers.
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

// How far one chunk is, or was taken in; counts are of this chunk alone.
struct ChunkStatus {
  int type = 0;  // HistorySyncType as on the wire
  std::uint32_t chunk_order = 0;
  std::uint32_t progress = 0;  // percent, as the phone reports it
  std::int64_t threads = 0;
  std::int64_t messages = 0;
  std::int64_t contacts = 0;
  std::int64_t damaged = 0;  // parts that could not be read; known once it is done
  // Of an answer to an on-demand request: its id, and what it says once it is done.
  std::string request_id{};
  std::vector<AnsweredChat> answered{};
  std::string deletion_secret{};  // that it told; empty: none
};

// Called on the io thread. What on_progress throws leaves the io_context's run().
struct HistoryWorkerEvents {
  std::function<void(const ChunkStatus&)> on_progress;
  std::function<void(const ChunkStatus&)> on_done;  // committed
  // Given up: its content cannot be had or trusted.
  std::function<void(const ChunkStatus&, const Error&)> on_failed;
};

// Used from the io_context thread that also runs the session.
class HistoryWorker {
 public:
  // `queue_database` is the io thread's connection. Each chunk is one job for `workers`, one at a
  // time, which opens its own connection to `file`.
  // With `dry_run` nothing is stored but that chunks are done; it counts what would have been, and
  // may be read when an event tells of a chunk.
  HistoryWorker(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
                Database& queue_database, std::filesystem::path file, HistoryWorkerEvents events,
                std::shared_ptr<DryRun> dry_run = {});
  // Not while it drains.
  ~HistoryWorker();

  // Ingests what is due until nothing is, and sees to it that the phone gets a receipt for
  // everything that was ever ingested; needs the session for hosts and receipts. Blobs are
  // deleted at the media servers if that is quickly done, and else left to expire there.
  //   A chunk that cannot be fetched now (no media host can be reached) stays queued for
  // later, however often that happens. One whose blob is gone or damaged is asked for again,
  // once in each session until it comes, and waited for a while each time; one whose content cannot
  // be had any more or be trusted is given up (on_failed).
  //   Throws Error for trouble of our own (a failing file), when the session ends, and what
  // an event threw.
  boost::asio::awaitable<void> drain(std::shared_ptr<LiveConnection> connection);

  // Ends an ingestion under way at its next commit; what is committed stays.
  void stop();

 private:
  struct Job;

  // Whether it is committed.
  boost::asio::awaitable<bool> take_in(std::shared_ptr<LiveConnection> connection,
                                       HistoryItem item);
  boost::asio::awaitable<ChunkStatus> ingest_chunk(std::shared_ptr<LiveConnection> connection,
                                                   HistoryItem item);
  bool may_ask_for_reupload(const HistoryItem& item) const;
  void ask_for_reupload(LiveConnection& connection, const HistoryItem& item, const Error& error);
  void ask_for_reuploads_again(LiveConnection& connection);
  void handle_failure(const HistoryItem& item, const ChunkStatus& status, const Error& error);
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
  std::weak_ptr<LiveConnection> asked_over_;  // the last that awaited blobs were asked for in again
  bool deleting_ = true;  // false: the servers did not answer, and are left in peace
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace wasync
