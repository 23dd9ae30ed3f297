// Asks our phone for older messages of existing threads, a few requests at a time, until each
// thread has as many as wanted. Never creates a thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/sqlite.h"
#include "base/wake.h"
#include "session/backfill/backfill_event.h"
#include "session/backfill/backfill_plan.h"
#include "session/backfill/older_messages.h"
#include "session/history/history_worker.h"
#include "session/receive/phone_requests.h"

namespace wasync {

class LiveConnection;

struct BackfillLimits {
  std::int64_t per_thread = 100;  // a thread has enough after this many new messages
  std::chrono::milliseconds deadline = std::chrono::minutes(5);
  // How long to wait for the answer to one request. A phone that is awake needs a few seconds.
  std::chrono::milliseconds answer_patience = std::chrono::seconds(20);
  int in_flight = 1;  // requests that the phone has at once
};
// A phone works requests off one by one, and we do not know of phones that like many at once.
inline constexpr int kMostInFlight = 8;

// The connection that a backfill uses. What its functions return may change at any time.
struct BackfillConnection {
  std::function<std::shared_ptr<LiveConnection>()>
      session;                         // null while we have no session that is logged in
  std::function<bool()> history_busy;  // we are taking in history right now
  // Adds anchors that this host's inbox lacks to the plan. May be empty.
  std::function<boost::asio::awaitable<BackfillPlan>(BackfillPlan)> look_up_anchors{};
};

// One run of the job. Used from one io_context thread; held by shared_ptr. Its results are in the
// inbox, so the next run continues from there.
class Backfill : public std::enable_shared_from_this<Backfill> {
 public:
  using Report = std::function<void(const BackfillEvent&)>;

  // `database` belongs to the thread that runs the job. It must live until run() has ended, and so
  // must everything that `connection` and `report` use. What `report` throws ends the job.
  Backfill(boost::asio::any_io_executor executor, Database& database, BackfillPlan plan,
           BackfillLimits limits, BackfillConnection connection, Report report);

  // Runs until it has reported Done. Then throws Error(kTimeout) when the time was up or the phone
  // answered nothing at all, Error(kCrypto) when the phone cannot read us, and the reason given to
  // end(). Stores the account's last_backfill_*, except after a scheduled run.
  boost::asio::awaitable<void> run();
  // Makes run() store its result, report Done and throw `reason`. The first reason stands.
  void end(const std::exception_ptr& reason);

  // The owner reports here every chunk that was taken in or lost, every failed request, and each
  // time the connection comes or goes.
  void chunk_done(const ChunkStatus& chunk);
  void chunk_failed(const ChunkStatus& chunk, const Error& error);
  void request_failed(const FailedRequest& failed);
  void connection_changed();

 private:
  // What we know of one thread.
  struct Work {
    PlannedThread planned;
    std::int64_t messages = 0;
    int pages = 0;
    int silences = 0;                // in a row
    std::set<std::string> tried{};   // keys of choices that we need not try again
    std::optional<Anchor> cursor{};  // how far the last answer went
    std::string awaited{};           // id of the anchor whose answer we await; empty: it came
    bool asked = false;
    bool exhausted = false;
    bool looked_up = false;  // the LID of the person
    std::optional<Error> failure{};
    bool over = false;
  };
  struct Request {
    std::shared_ptr<Work> work;
    std::string anchor;
    Jid chat;                          // as the request names it
    bool other_address_known = false;  // the request could name it another way
  };
  enum class Turn { kOver, kSilent };

  boost::asio::awaitable<void> work_off();
  boost::asio::awaitable<void> work_on_queue();
  boost::asio::awaitable<Turn> look_after(std::shared_ptr<Work> work);
  boost::asio::awaitable<bool> ask(std::shared_ptr<Work> work, AnchorChoice from);
  boost::asio::awaitable<bool> await_answer(std::shared_ptr<Work> work,
                                            std::shared_ptr<LiveConnection> live);
  boost::asio::awaitable<std::shared_ptr<LiveConnection>> online();
  boost::asio::awaitable<void> within_budget();
  boost::asio::awaitable<void> look_up_lid(std::shared_ptr<Work> work);
  bool needs_lid(Work& work);
  std::optional<AnchorChoice> next_anchor(const Work& work) const;
  void send_request(LiveConnection& live, const std::shared_ptr<Work>& work,
                    const AnchorChoice& from);
  std::shared_ptr<Work> work_of(const ChunkStatus& chunk, bool& awaited);
  void note_silence(Work& work, const Jid& chat);
  void close(Work& work, BackfillOutcome outcome);
  void close_what_was_begun();
  void store_result();
  void throw_if_over() const;

  boost::asio::any_io_executor executor_;
  Database& database_;
  BackfillPlan plan_;
  BackfillLimits limits_;
  BackfillConnection connection_;
  Report report_;
  Wake changed_;
  std::chrono::steady_clock::time_point deadline_{};
  std::exception_ptr end_;
  std::exception_ptr failure_;  // of the first worker that failed
  int workers_ = 0;
  std::deque<std::shared_ptr<Work>> queue_;
  std::vector<std::shared_ptr<Work>> all_;
  std::map<std::string, Request> requests_;  // by id, of this run
  bool phone_answers_ = false;
  bool by_phone_number_ = false;  // how the phone knows chats, judging by its answers
  int silent_threads_ = 0;        // in a row, each at its first request
  BackfillResult result_;
};

}  // namespace wasync
