// Keeps one account online for as long as it is wanted, over as many connections as that takes.
// Takes in live messages, the history and app state as they come.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/backoff.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/host_sleep.h"
#include "base/wake.h"
#include "session/app_state/sync.h"
#include "session/device/account_file.h"
#include "session/history/history_worker.h"
#include "session/online/session.h"

namespace wasync {

struct OnlineOptions {
  SessionOptions session;
  // The wait between two connections.
  std::chrono::milliseconds first_backoff = std::chrono::seconds(1);
  std::chrono::milliseconds most_backoff = std::chrono::seconds(30);
  BootTime boot_time{};
  // Called before each connection after the first, which waits for it; it may end() us instead.
  std::function<boost::asio::awaitable<void>()> before_another{};
  // When the disk has no room for the history, it waits; otherwise that ends us.
  bool waits_for_room = false;
  // Not null: we store neither the history nor the names of app state; see HistoryWorker.
  std::shared_ptr<DryRun> dry_run{};
};

// Called on the io thread. When one of them throws, Online ends with that exception.
struct OnlineEvents {
  std::function<void()> on_ready{};  // logged in and receiving
  std::function<void(std::uint64_t messages)> on_message{};
  std::function<void()> on_history_queued{};
  std::function<void(const ChunkStatus&)> on_chunk_progress{};
  std::function<void(const ChunkStatus&)> on_chunk_done{};
  std::function<void(const ChunkStatus&, const Error&)> on_chunk_failed{};
  std::function<void(const FailedRequest&)> on_request_failed{};  // to our phone
  // begun: we want app state that we did not want before; idle: we no longer fetch any.
  std::function<void()> on_app_state_begun{};
  std::function<void()> on_app_state_idle{};
  // The connection ended. We try another one after `wait`.
  std::function<void(const Error& reason, std::chrono::milliseconds wait)> on_offline{};
};

// Whether simply trying again can help.
bool passes_by_itself(const Error& error);

// Used from one io_context thread; held by shared_ptr. Call run() once.
class Online : public std::enable_shared_from_this<Online> {
 public:
  // `account` must outlive run(); `workers` must outlive the object. Jobs on `workers` fetch and
  // store blobs, over their own connections to `file`.
  Online(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
         AccountFile& account, std::filesystem::path file, OnlineOptions options,
         OnlineEvents events);

  // Runs until end(), whose reason it throws, or until it is pointless to go on, and throws why:
  // logged out, replaced, refused, trouble of our own, what an event threw. Afterwards it calls no
  // event and does not touch the account.
  boost::asio::awaitable<void> run();
  // The first reason stands.
  void end(const std::exception_ptr& reason);
  bool ended() const { return end_ != nullptr; }

  bool is_online() const { return online_; }
  // Why the last connection ended.
  const std::optional<Error>& trouble() const { return trouble_; }
  // It downloads or ingests history; both have deadlines of their own.
  bool history_busy() const { return draining_; }
  // We want or fetch app state. (Never in a dry run.)
  bool app_state_unfinished() const {
    return !options_.dry_run && (app_state_awaits_login_ || app_state_.unfinished());
  }
  // Null before the first connection.
  const std::shared_ptr<Session>& session() const { return session_; }

 private:
  boost::asio::awaitable<void> stay();
  boost::asio::awaitable<Error> one_connection();
  boost::asio::awaitable<bool> found_newer_version();
  void logged_in();
  HistoryWorkerEvents worker_events();
  AppStateSync::Events app_state_events();
  void guarded(const std::function<void()>& action);
  void start_draining();
  static boost::asio::awaitable<void> drain(std::shared_ptr<Online> self);
  boost::asio::awaitable<void> drain_once();
  void drain_when_due();
  void start_app_state();
  boost::asio::awaitable<void> workers_idle();

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor workers_;
  AccountFile& account_;
  OnlineOptions options_;
  OnlineEvents events_;
  HistoryWorker history_;
  AppStateSync app_state_;
  Backoff backoff_;
  std::shared_ptr<Session> session_;
  std::optional<Deadline> retry_{};  // of a chunk that we could not fetch
  Wake ended_;
  Wake idle_;
  bool come_back_at_once_ = false;
  int versions_refused_ = 0;  // since the last login
  bool online_ = false;
  bool draining_ = false;
  bool drain_again_ = false;
  bool app_state_awaits_login_ = false;
  std::optional<Error> trouble_;
  std::exception_ptr end_;
};

}  // namespace wasync
