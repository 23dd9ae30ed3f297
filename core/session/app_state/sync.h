// Keeps the inbox in step with app state: fetches the wanted collections over the session that is
// online, and takes them in on a worker thread.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "session/app_state/answer.h"

namespace wasync {

class Database;
class Error;
class LiveConnection;

// Used from the io_context thread that also runs the session. No problem with a collection is
// fatal: we fetch it once more from scratch, then mark it as damaged and ask the phone to repair it
// (recovery.h), once a day. Otherwise we leave it alone until the server has something newer for it
// or the phone shares another key.
class AppStateSync {
 public:
  struct Events {
    std::function<void()> on_idle;  // `busy` has become false
    // Trouble of our own (a failing file). Called before on_idle.
    std::function<void(const std::exception_ptr&)> on_failed;
  };

  // `database` is the io thread's connection; jobs for `workers` open their own to `file`.
  AppStateSync(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
               Database& database, std::filesystem::path file, Events events);
  // Destroy it only while it is not busy.
  ~AppStateSync();

  // Whether there is anything to fetch and a key to read it with.
  bool is_wanted();
  // Fetches the wanted collections in the background. Another call makes it also fetch what became
  // wanted meanwhile. No effect when nothing is wanted and we await no key, nor after stop().
  void start(std::shared_ptr<LiveConnection> connection);
  bool busy() const { return busy_; }
  // Busy, or cut short by the end of a session: then call start() with the next session.
  bool unfinished() const { return unfinished_; }

  // Does the work of `start` once: fetches each wanted collection once, one at a time. A collection
  // that is sealed with a key we lack waits for the key. We ask the phone for the key once a day,
  // and once more in every session, because a request may be lost with the process that sends it. A
  // collection that we cannot get now stays wanted for the next call.
  //   Throws Error for trouble of our own (a failing file), and kNetwork or kTimeout when the
  // session ends: then the next session's run continues.
  boost::asio::awaitable<void> run(std::shared_ptr<LiveConnection> connection);

  // Ends a download under way, and starts nothing after the current step.
  void stop();

 private:
  struct Job;

  boost::asio::awaitable<void> keep_running();
  boost::asio::awaitable<void> fetch(std::shared_ptr<LiveConnection> connection,
                                     std::string_view name);
  boost::asio::awaitable<TakenIn> fetch_all(std::shared_ptr<LiveConnection> connection,
                                            std::string_view name, bool from_scratch);
  boost::asio::awaitable<TakenIn> on_worker(std::shared_ptr<Job> job);
  void end(std::string_view name, Standing standing, std::string_view problem = {});
  void await_keys(LiveConnection& connection, std::string_view name, const std::vector<Bytes>& ids);
  void ask_for_recovery(LiveConnection& connection, std::string_view name,
                        std::string_view problem);
  bool owes_key_request(const std::shared_ptr<LiveConnection>& connection) const;
  void request_keys_again(LiveConnection& connection);

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor workers_;
  Database& database_;
  std::filesystem::path file_;
  Events events_;
  std::shared_ptr<LiveConnection> next_;  // for the next run; empty: start() was not called again
  std::weak_ptr<LiveConnection>
      asked_over_;  // the last session in which we requested the awaited keys again
  bool busy_ = false;
  bool unfinished_ = false;
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace wasync
