#include "session/app_state/sync.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "history/download.h"
#include "proto/message.pb.h"
#include "session/app_state/keys.h"
#include "session/app_state/recovery.h"
#include "session/connection/live_connection.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

// Contacts take some 300 bytes each.
constexpr std::uint64_t kMaxBlobSize = std::uint64_t{64} << 20;
constexpr long kDownloadTimeout_s = 120;
// Of one fetch: a server gives hundreds of patches at a time.
constexpr int kMostAnswers = 1'000;

// Says something about the collection, not about the network or us.
bool is_damage(const Error& error) {
  return error.code() == ErrorCode::kProtocol || error.code() == ErrorCode::kMedia;
}

// Another collection, or another day, may have more luck.
bool may_pass(const Error& error) {
  return error.code() == ErrorCode::kServerRefused || error.code() == ErrorCode::kNetwork ||
         error.code() == ErrorCode::kTimeout;
}

// What asks the phone for these keys; nothing when there are none, or no way to tell it.
std::optional<Node> key_request(LiveConnection& connection, const std::vector<Bytes>& ids) {
  if (ids.empty()) return std::nullopt;
  pb::Message message;
  message.mutable_protocol_message()->set_type(
      pb::ProtocolMessage::PROTOCOL_APP_STATE_SYNC_KEY_REQUEST);
  auto& request = *message.mutable_protocol_message()->mutable_app_state_sync_key_request();
  for (const Bytes& id : ids) request.add_key_ids()->set_key_id(to_string(BytesView(id)));
  return connection.seal_for_phone(message);
}

Bytes read_whole(const VerifiedBlob& blob) {
  Bytes whole;
  blob.read([&](BytesView piece) { append(whole, piece); });
  return whole;
}

}  // namespace

// Everything the worker thread needs, by value: it outlives no reference of the io thread.
struct AppStateSync::Job {
  std::filesystem::path file;
  std::string_view name;  // one of kCollections
  CollectionAnswer answer;
  bool from_scratch = false;
  std::vector<std::string> media_hosts;
  std::shared_ptr<std::atomic<bool>> stopping;

  TakenIn run() {
    Database database(file, Database::Mode::kReadWrite);
    return take_in_answer(
        database, name, std::move(answer), from_scratch,
        [this](const pb::ExternalBlobReference& reference) { return download(reference); });
  }

  Bytes download(const pb::ExternalBlobReference& reference) const {
    DownloadOptions options;
    options.hosts = media_hosts;
    options.directory = file.parent_path();
    options.max_bytes = kMaxBlobSize;
    options.total_timeout_s = kDownloadTimeout_s;
    options.interrupted = [this] { return stopping->load(); };
    const auto expected = ExpectedBlob::from(kAppStateMedia, as_bytes(reference.media_key()),
                                             as_bytes(reference.file_sha256()),
                                             as_bytes(reference.file_enc_sha256()));
    return read_whole(download_blob(reference.direct_path(), expected, options));
  }
};

AppStateSync::AppStateSync(asio::any_io_executor executor, asio::any_io_executor workers,
                           Database& database, std::filesystem::path file, Events events)
    : executor_(std::move(executor)),
      workers_(std::move(workers)),
      database_(database),
      file_(std::move(file)),
      events_(std::move(events)) {}

AppStateSync::~AppStateSync() {
  stop();
}

void AppStateSync::stop() {
  stopping_->store(true);
}

bool AppStateSync::is_wanted() {
  return !wanted_collections(database_).empty();
}

void AppStateSync::start(std::shared_ptr<LiveConnection> connection) {
  if (stopping_->load() || (!is_wanted() && !owes_key_request(connection))) return;
  next_ = std::move(connection);
  unfinished_ = true;
  if (std::exchange(busy_, true)) return;
  asio::co_spawn(executor_, keep_running(), asio::detached);
}

asio::awaitable<void> AppStateSync::keep_running() {
  while (next_ && !stopping_->load()) {
    const auto connection = std::exchange(next_, nullptr);
    try {
      co_await run(connection);
      unfinished_ = next_ != nullptr;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kNetwork || error.code() == ErrorCode::kTimeout) {
        log::debug("app state waits for a connection: {}", error.what());
      } else if (error.code() != ErrorCode::kInterrupted) {
        events_.on_failed(std::current_exception());
      }
    } catch (...) {
      events_.on_failed(std::current_exception());
    }
  }
  busy_ = false;
  events_.on_idle();
}

asio::awaitable<void> AppStateSync::run(std::shared_ptr<LiveConnection> connection) {
  if (owes_key_request(connection)) request_keys_again(*connection);
  asked_over_ = connection;
  for (const std::string_view name : wanted_collections(database_)) {
    if (stopping_->load()) co_return;
    co_await fetch(connection, name);
  }
}

asio::awaitable<void> AppStateSync::fetch(std::shared_ptr<LiveConnection> connection,
                                          std::string_view name) {
  {
    Transaction transaction(database_, "app state begun");
    begin_fetch(database_, name);
    transaction.commit();
  }
  bool from_scratch = state_of(database_, name).version == 0;
  for (bool second_try = false;; second_try = true) {
    std::optional<Error> failure;
    TakenIn taken;
    try {
      taken = co_await fetch_all(connection, name, from_scratch);
    } catch (const Error& error) {
      if (!is_damage(error) && (!may_pass(error) || !connection->is_open())) throw;
      failure = error;
    }
    if (!failure && taken.missing_keys.empty()) {
      end(name, Standing::kCurrent);
      co_return;
    }
    if (!failure) {
      log::info("app state {} waits for {} keys of the phone", name, taken.missing_keys.size());
      await_keys(*connection, name, taken.missing_keys);
      co_return;
    }
    if (!is_damage(*failure)) {
      log::warn("app state {} is to be fetched again later: {}", name, failure->what());
      co_return;
    }
    log::warn("app state {} cannot be trusted{}: {}", name,
              second_try ? ", also when fetched anew" : "", failure->what());
    if (second_try) {
      ask_for_recovery(*connection, name, failure->what());
      co_return;
    }
    from_scratch = true;
  }
}

asio::awaitable<TakenIn> AppStateSync::fetch_all(std::shared_ptr<LiveConnection> connection,
                                                 std::string_view name, bool from_scratch) {
  TakenIn taken;
  for (int answers = 0; answers < kMostAnswers; ++answers) {
    const std::uint64_t version = state_of(database_, name).version;
    Node request = collection_request(name, version, from_scratch);
    const Node iq = co_await connection->query(std::move(request));
    CollectionAnswer answer = parse_answer(iq, name);
    const bool more = answer.more;
    std::vector<std::string> hosts;
    if (answer.needs_download()) {
      MediaServers servers = co_await connection->media_servers();
      hosts = std::move(servers.hosts);
    }
    auto job = std::make_shared<Job>(Job{.file = file_,
                                         .name = name,
                                         .answer = std::move(answer),
                                         .from_scratch = from_scratch,
                                         .media_hosts = std::move(hosts),
                                         .stopping = stopping_});
    taken = co_await on_worker(std::move(job));
    log::debug("app state {}: {} entries taken, {} of no concern", name, taken.applied,
               taken.ignored);
    if (!more || !taken.missing_keys.empty()) co_return taken;
    if (!from_scratch && state_of(database_, name).version <= version) break;
    from_scratch = false;
  }
  throw Error(ErrorCode::kProtocol,
              "app state " + std::string(name) + ": the server promises more without an end");
}

asio::awaitable<TakenIn> AppStateSync::on_worker(std::shared_ptr<Job> job) {
  co_return co_await asio::co_spawn(
      workers_,
      [](std::shared_ptr<Job> work) -> asio::awaitable<TakenIn> {
        co_return work->run();
      }(std::move(job)),
      asio::use_awaitable);
}

void AppStateSync::end(std::string_view name, Standing standing, std::string_view problem) {
  Transaction transaction(database_, "app state ended");
  end_fetch(database_, name, standing, problem);
  transaction.commit();
}

void AppStateSync::ask_for_recovery(LiveConnection& connection, std::string_view name,
                                    std::string_view problem) {
  const UnixSeconds now = UnixSeconds::now();
  Transaction transaction(database_, "app state damaged");
  end_fetch(database_, name, Standing::kDamaged, problem);
  const auto request = begin_recovery(database_, name, now)
                           ? connection.seal_for_phone(recovery_request(name, now))
                           : std::nullopt;
  transaction.commit();
  if (!request) return;
  log::info("the phone is asked to repair app state {}", name);
  connection.send(*request);
}

// One transaction: a collection that awaits a key which nobody asked for would wait for ever.
void AppStateSync::await_keys(LiveConnection& connection, std::string_view name,
                              const std::vector<Bytes>& ids) {
  Transaction transaction(database_, "app state keys asked for");
  end_fetch(database_, name, Standing::kAwaitsKey);
  const auto request = key_request(connection, keys_to_request(database_, ids, UnixSeconds::now()));
  transaction.commit();
  if (request) connection.send(*request);
}

// Each connection's first request may repeat what the last one's end has swallowed.
bool AppStateSync::owes_key_request(const std::shared_ptr<LiveConnection>& connection) const {
  return asked_over_.lock() != connection && awaits_app_state_keys(database_);
}

void AppStateSync::request_keys_again(LiveConnection& connection) {
  Transaction transaction(database_, "app state keys asked for again");
  const auto request =
      key_request(connection, keys_to_request_again(database_, UnixSeconds::now()));
  transaction.commit();
  if (request) connection.send(*request);
}

}  // namespace wasync
