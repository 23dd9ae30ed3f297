// Keeps the inbox at what app state says: fetches the collections that are wanted, over whichever
// session is online, and takes them in on a worker thread.
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

// Used from the io_context thread that also runs the session. Nothing that goes wrong with a
// collection is fatal: it is fetched once more from scratch, then marked as damaged, and the phone
// is asked to repair it (recovery.h), once a day. Otherwise it is left alone until the server has
// something newer for it or the phone shares another key.
class AppStateSync {
 public:
  struct Events {
    std::function<void()> on_idle;  // `busy` has become false
    // Trouble of our own (a failing file); before on_idle.
    std::function<void(const std::exception_ptr&)> on_failed;
  };

  // `database` is the io thread's connection; jobs for `workers` open their own to `file`.
  AppStateSync(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
               Database& database, std::filesystem::path file, Events events);
  // Not while it is busy.
  ~AppStateSync();

  // Whether there is anything to fetch, and a key to read it with.
  bool is_wanted();
  // Fetches what is wanted in the background, and what becomes wanted in the meantime when it is
  // called again; no effect when nothing is, and no key awaited, or once stopped.
  void start(std::shared_ptr<LiveConnection> connection);
  bool busy() const { return busy_; }
  // Busy, or cut short by the end of a session: the next one is to be started with.
  bool unfinished() const { return unfinished_; }

  // What `start` does, once. Fetches every wanted collection, each once; one at a time. What is
  // sealed with a key that we lack waits for it, and the phone is asked for it: once a day, and
  // again once in every session, as a request may be lost with the process that sends it. A
  // collection that cannot be had now stays wanted for the next call.
  //   Throws Error for trouble of our own (a failing file), and kNetwork or kTimeout when the
  // session ends: then the next session's run goes on.
  boost::asio::awaitable<void> run(std::shared_ptr<LiveConnection> connection);

  // Ends a download under way, and whatever would come after what is under way.
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
  std::shared_ptr<LiveConnection> next_;  // to go on with; empty: nothing more was asked for
  std::weak_ptr<LiveConnection>
      asked_over_;  // the last that the keys awaited were asked for in again
  bool busy_ = false;
  bool unfinished_ = false;
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace wasync
