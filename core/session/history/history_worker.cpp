#include "session/history/history_worker.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/free_space.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "history/blob_deletion.h"
#include "history/download.h"
#include "history/dry_run.h"
#include "history/ingest.h"
#include "proto/peer_message.pb.h"
#include "session/connection/live_connection.h"
#include "session/connection/receipt.h"
#include "session/history/history_requests.h"
#include "session/history/reupload_request.h"
#include "session/history/sync_type.h"
#include "session/receive/awaited_messages.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Nothing is wrong with the chunk. (A blob stays on the media servers for weeks.)
bool may_pass(const Error& error) {
  return error.code() == ErrorCode::kNetwork || error.code() == ErrorCode::kTimeout ||
         error.code() == ErrorCode::kServerRefused;
}

// Something is wrong with us.
bool is_our_own(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInterrupted:
    case ErrorCode::kStore:
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
    case ErrorCode::kNotPaired: return true;
    default: return false;
  }
}

// A blob is compressed; it becomes rows in the file, and in its log. A careful guess.
constexpr std::uintmax_t kGrowth = 10;

std::string mebibytes(std::uintmax_t bytes) {
  return std::to_string((bytes + (1 << 20) - 1) >> 20);
}

// The disk has no room for a chunk, which can wait.
struct NoSpace : Error {
  NoSpace(std::uintmax_t announced, std::uintmax_t room)
      : Error(ErrorCode::kIo,
              Phrase{"the disk has no room for a history blob of {} MiB: {} MiB are free",
                     "discul nu are loc pentru un fișier de istoric de {} MiB: sunt liberi {} MiB"}
                  .with(mebibytes(announced), mebibytes(room)),
              Phrase{"Make room on the disk. The history continues by itself.",
                     "Eliberează spațiu pe disc. Istoricul continuă de la sine."}) {}
};

// How long the phone may take to upload a blob again. (Real ones need some seconds.)
constexpr std::int64_t kReuploadPatienceS = 60;
constexpr std::int64_t kMostFruitlessReuploads = 10;

UnixSeconds reupload_awaited_until() {
  return {UnixSeconds::now().value + kReuploadPatienceS};
}

// 5 seconds, doubled each time up to 21 minutes.
UnixSeconds retry_at(int attempts) {
  return {UnixSeconds::now().value + (std::int64_t{5} << std::min(attempts, 8))};
}

pb::HistorySyncNotification parse(BytesView bytes) {
  pb::HistorySyncNotification notification;
  if (!notification.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw Error(ErrorCode::kProtocol,
                Phrase{"the phone's history notification is malformed",
                       "notificarea de istoric a telefonului este malformată"});
  }
  return notification;
}

// The phone is asked for them at the next login.
void await_with(Database& database, const std::vector<AwaitedInHistory>& messages) {
  AwaitedMessages awaited(database);
  for (const AwaitedInHistory& each : messages) {
    const IncomingMessage message{.id = each.key.id,
                                  .chat = each.chat,
                                  .sender = each.sender,
                                  .from_me = each.key.from_me,
                                  .group = each.chat.is_group(),
                                  .sent_at = each.sent_at};
    awaited.add(message, {.failure = "ciphertext in history", .shown = true, .phone_has_it = true},
                UnixSeconds::now());
  }
}

ChunkStatus status_of(const IngestProgress& progress) {
  return {.type = progress.sync_type,
          .chunk_order = progress.chunk_order,
          .progress = progress.percent,
          .threads = progress.threads,
          .messages = progress.messages,
          .contacts = progress.contacts};
}

}  // namespace

// Everything the worker thread needs, by value: it outlives no reference of the io thread.
struct HistoryWorker::Job {
  std::filesystem::path file;
  HistoryItem item;
  std::vector<std::string> media_hosts;  // empty for an inline payload
  OwnIdentity own;
  std::function<void(const IngestProgress&)> on_progress;
  std::shared_ptr<std::atomic<bool>> stopping;
  std::shared_ptr<DryRun> dry_run;
  FreeBytes free_bytes;

  ChunkStatus run() const {
    const auto notification = parse(item.notification);
    return free_bytes ? store_if_there_is_room(notification) : store(notification);
  }

  // A full disk is no reason to leave WhatsApp, nor to try again each minute.
  ChunkStatus store_if_there_is_room(const pb::HistorySyncNotification& notification) const {
    const std::uintmax_t room = free_bytes(file.parent_path());
    const std::uintmax_t announced = notification.file_length();
    if (room < kLeastFreeBytes || (room - kLeastFreeBytes) / kGrowth < announced) {
      throw NoSpace(announced, room);
    }
    try {
      return store(notification);
    } catch (const Error& error) {
      const bool failed = error.code() == ErrorCode::kStore || error.code() == ErrorCode::kIo;
      const std::uintmax_t left = free_bytes(file.parent_path());
      if (failed && left < kLeastFreeBytes) throw NoSpace(announced, left);
      throw;
    }
  }

  ChunkStatus store(const pb::HistorySyncNotification& notification) const {
    Database database(file, Database::Mode::kReadWrite);
    IngestOptions options = ingest_options_for(notification);
    options.own = own;
    options.queue_item = item.id;
    options.requested_chat = requested_chat(database, item.request_id);
    options.on_progress = on_progress;
    options.interrupted = [this] { return stopping->load(); };
    options.before_last_commit = [&](InboxWriter&, const IngestResult& taken) {
      if (!dry_run) await_with(database, taken.awaited);
    };
    if (dry_run) {
      options.dry_run = true;
      dry_run->begin(database);
      options.before_roll_back = [this](Database& as_it_would_be) {
        dry_run->count(as_it_would_be);
      };
    }
    IngestResult result = ingest(database, source(notification), options);
    return {.type = result.sync_type,
            .chunk_order = result.chunk_order,
            .progress = result.percent,
            .threads = result.threads_created,
            .messages = result.messages_inserted,
            .contacts = result.contacts_changed,
            .damaged = result.errors,
            .left_out = result.left_out,
            .request_id = item.request_id,
            .answered = std::move(result.answered),
            .deletion_secret = std::move(result.deletion_secret)};
  }

  ChunkSource source(const pb::HistorySyncNotification& notification) const {
    DownloadOptions options;
    options.hosts = media_hosts;
    options.directory = file.parent_path();
    options.interrupted = [this] { return stopping->load(); };
    return open_chunk(notification, options);
  }
};

HistoryWorker::HistoryWorker(asio::any_io_executor executor, asio::any_io_executor workers,
                             Database& queue_database, std::filesystem::path file,
                             HistoryWorkerEvents events, std::shared_ptr<DryRun> dry_run,
                             FreeBytes space)
    : executor_(std::move(executor)),
      workers_(std::move(workers)),
      queue_database_(queue_database),
      file_(std::move(file)),
      events_(std::move(events)),
      dry_run_(std::move(dry_run)),
      free_bytes_(std::move(space)) {}

HistoryWorker::~HistoryWorker() {
  stop();
}

void HistoryWorker::stop() {
  stopping_->store(true);
}

asio::awaitable<void> HistoryWorker::drain(std::shared_ptr<LiveConnection> connection) {
  HistoryQueue queue(queue_database_);
  std::vector<OwedReceipt> sent;
  deleting_ = true;
  bool grown = false;
  send_receipts(*connection, sent);
  if (asked_over_.lock() != connection) ask_for_reuploads_again(*connection);
  asked_over_ = connection;
  while (!stopping_->load()) {
    auto item = queue.next(UnixSeconds::now());
    if (!item) break;
    const bool committed = co_await take_in(connection, *item);
    send_receipts(*connection, sent);
    if (committed) co_await delete_at_servers(connection, parse(item->notification));
    grown = grown || committed;
  }
  if (grown) co_await shorten_log();
  if (sent.empty()) co_return;
  co_await connection->confirm_sent();
  Transaction transaction(queue_database_, "receipts delivered");
  for (const OwedReceipt& receipt : sent) queue.receipt_delivered(receipt);
  transaction.commit();
}

void HistoryWorker::send_receipts(LiveConnection& connection, std::vector<OwedReceipt>& sent) {
  for (OwedReceipt& owed : HistoryQueue(queue_database_).owed_receipts()) {
    const bool known = std::any_of(sent.begin(), sent.end(), [&](const OwedReceipt& receipt) {
      return receipt.message_id == owed.message_id;
    });
    if (known) continue;
    connection.send(peer_receipt(owed.message_id, connection.device().jid, "hist_sync"));
    sent.push_back(std::move(owed));
  }
}

asio::awaitable<bool> HistoryWorker::take_in(std::shared_ptr<LiveConnection> connection,
                                             HistoryItem item) {
  ChunkStatus status{.type = item.type,
                     .chunk_order = static_cast<std::uint32_t>(item.chunk_order),
                     .progress = static_cast<std::uint32_t>(item.progress),
                     .request_id = item.request_id};
  std::optional<Error> failure;
  bool can_wait = false;
  try {
    status = co_await ingest_chunk(connection, item);
  } catch (const NoSpace& error) {
    failure = error;
    can_wait = true;
  } catch (const Error& error) {
    if (is_our_own(error)) throw;
    // Nor can the phone be asked for another without a connection.
    const bool needs_it = may_pass(error) || error.code() == ErrorCode::kMedia;
    if (needs_it && !connection->is_open()) {
      throw Error(ErrorCode::kNetwork, error.message());  // says nothing about the chunk
    }
    failure = error;
    can_wait = may_pass(error);
  }
  if (!failure) learn_deletion_secret(status.deletion_secret);
  if (failure && failure->code() == ErrorCode::kMedia && may_ask_for_reupload(item)) {
    ask_for_reupload(*connection, item, *failure);
  } else if (failure) {
    handle_failure(item, status, *failure, can_wait);
  } else {
    events_.on_done(status);
  }
  co_return !failure;
}

asio::awaitable<ChunkStatus> HistoryWorker::ingest_chunk(std::shared_ptr<LiveConnection> connection,
                                                         HistoryItem item) {
  const auto notification = parse(item.notification);
  std::vector<std::string> hosts;
  if (!notification.has_initial_hist_bootstrap_inline_payload() &&
      !notification.direct_path().empty()) {
    MediaServers servers = co_await connection->media_servers();
    hosts = std::move(servers.hosts);
  }
  auto on_progress = [this, alive = stopping_](const IngestProgress& progress) {
    asio::post(executor_, [this, alive, status = status_of(progress)] {
      if (!alive->load()) events_.on_progress(status);
    });
  };
  auto job = std::make_shared<Job>(
      Job{.file = file_,
          .item = std::move(item),
          .media_hosts = std::move(hosts),
          .own = {.phone = connection->device().jid.bare(), .lid = connection->device().lid.bare()},
          .on_progress = std::move(on_progress),
          .stopping = stopping_,
          .dry_run = dry_run_,
          .free_bytes = free_bytes_});
  co_return co_await asio::co_spawn(
      workers_,
      [](std::shared_ptr<Job> work) -> asio::awaitable<ChunkStatus> { co_return work->run(); }(job),
      asio::use_awaitable);
}

// A history leaves a log of tens of megabytes, which live messages alone never come to the end of.
asio::awaitable<void> HistoryWorker::shorten_log() {
  auto done = asio::co_spawn(
      workers_,
      [](std::filesystem::path file) -> asio::awaitable<void> {
        Database(file, Database::Mode::kReadWrite).execute("PRAGMA wal_checkpoint(TRUNCATE)");
        co_return;
      }(file_),
      asio::use_awaitable);
  co_await std::move(done);
}

void HistoryWorker::learn_deletion_secret(const std::string& secret) {
  const auto device = load_device(queue_database_);
  if (secret.empty() || !device || device->deletion_secret == secret) return;
  Transaction transaction(queue_database_, "deletion secret");
  store_deletion_secret(queue_database_, secret);
  transaction.commit();
}

// What fails here costs the servers some space for some weeks, and nobody anything else.
asio::awaitable<void> HistoryWorker::delete_at_servers(std::shared_ptr<LiveConnection> connection,
                                                       pb::HistorySyncNotification notification) {
  if (!deleting_ || notification.direct_path().empty()) co_return;
  try {
    MediaServers servers = co_await connection->media_servers();
    const auto device = load_device(queue_database_);
    std::string known_secret = device ? device->deletion_secret : std::string();
    auto deletion = [](pb::HistorySyncNotification of, MediaServers at, std::string secret,
                       std::shared_ptr<std::atomic<bool>> stopping) -> asio::awaitable<void> {
      delete_blob(of, at, {.secret = std::move(secret), .interrupted = [stopping] {
                             return stopping->load();
                           }});
      co_return;
    };
    co_await asio::co_spawn(
        workers_,
        deletion(std::move(notification), std::move(servers), std::move(known_secret), stopping_),
        asio::use_awaitable);
  } catch (const Error& error) {
    log::info("a history blob stays at the media servers: {}", error.what());
    if (error.code() == ErrorCode::kNetwork) deleting_ = false;  // do not wait for each of them
  }
}

// A phone whose uploads never help, and that we do not recognise as such, is not asked for ever.
bool HistoryWorker::may_ask_for_reupload(const HistoryItem& item) const {
  return !item.reupload_asked &&
         HistoryQueue(queue_database_).fruitless_reuploads() < kMostFruitlessReuploads;
}

void HistoryWorker::ask_for_reupload(LiveConnection& connection, const HistoryItem& item,
                                     const Error& error) {
  const auto notification = parse(item.notification);
  {
    Transaction transaction(queue_database_, "blob asked for again");
    HistoryQueue(queue_database_).await_reupload(item.id, error.what(), reupload_awaited_until());
    transaction.commit();
  }
  log::warn("history chunk {} {} is asked for again: {}", sync_type_name(item.type),
            item.chunk_order, error.what());
  connection.send(server_error_receipt(item.message_id, connection.device().jid,
                                       as_bytes(notification.media_key())));
}

// The last connection may have ended with the request unsent. A phone that uploads a blob twice for
// it does no harm.
void HistoryWorker::ask_for_reuploads_again(LiveConnection& connection) {
  std::vector<AwaitedReupload> awaited;
  {
    Transaction transaction(queue_database_, "blobs still awaited");
    awaited = HistoryQueue(queue_database_).await_reuploads_again(reupload_awaited_until());
    if (awaited.empty()) return;
    transaction.commit();
  }
  log::info("{} history blobs that were asked for again have not come: asked once more",
            awaited.size());
  for (const AwaitedReupload& blob : awaited) {
    connection.send(server_error_receipt(blob.message_id, connection.device().jid,
                                         as_bytes(parse(blob.notification).media_key())));
  }
}

void HistoryWorker::handle_failure(const HistoryItem& item, const ChunkStatus& status,
                                   const Error& error, bool again) {
  HistoryQueue queue(queue_database_);
  {
    Transaction transaction(queue_database_, "chunk failed");
    queue.failed(item.id, error.what(), again ? retry_at(item.attempts) : UnixSeconds{});
    transaction.commit();
  }
  log::warn("history chunk {} {} {}: {}", sync_type_name(item.type), item.chunk_order,
            again ? "is to be tried again" : "is lost", error.what());
  if (!again) events_.on_failed(status, error);
}

}  // namespace wasync
