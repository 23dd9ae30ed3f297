// Asks our phone for older messages of threads that exist, few requests at a time, until each has
// what was asked for. Never creates a thread.
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
  std::int64_t per_thread = 100;  // new messages, after which a thread has enough
  std::chrono::milliseconds deadline = std::chrono::minutes(5);
  // For the answer to one request. Phones that are awake need some seconds.
  std::chrono::milliseconds answer_patience = std::chrono::seconds(20);
  int in_flight = 1;  // requests that the phone has at once
};
// Phones work them off one by one, and are not known to like many.
inline constexpr int kMostInFlight = 8;

// The connection that a backfill works over; what it returns may change at any time.
struct BackfillConnection {
  std::function<std::shared_ptr<LiveConnection>()>
      session;                         // null while there is none that is logged in
  std::function<bool()> history_busy;  // something is being taken in right now
  // Adds anchors to the plan that are not in the inbox here; may be empty.
  std::function<boost::asio::awaitable<BackfillPlan>(BackfillPlan)> look_up_anchors{};
};

// One run of the job. Used from one io_context thread; held by shared_ptr. What it has achieved is
// in the inbox, so that whoever runs the next one goes on from there.
class Backfill : public std::enable_shared_from_this<Backfill> {
 public:
  using Report = std::function<void(const BackfillEvent&)>;

  // `database`: of the thread that runs it, alive until run() has ended; so is what `connection`
  // and `report` use. What `report` throws ends the job.
  Backfill(boost::asio::any_io_executor executor, Database& database, BackfillPlan plan,
           BackfillLimits limits, BackfillConnection connection, Report report);

  // Until Done was told; then throws Error(kTimeout) when the time was up, or the phone answered
  // nothing at all, Error(kCrypto) when the phone cannot read us, and what end() said. Stores the
  // account's last_backfill_*, which do not tell of scheduled ones.
  boost::asio::awaitable<void> run();
  // run() stores what there is, tells Done, and throws `reason`. The first one stands.
  void end(const std::exception_ptr& reason);

  // To be told of every chunk that was taken in or is lost, of requests that failed, and when the
  // connection came or went.
  void chunk_done(const ChunkStatus& chunk);
  void chunk_failed(const ChunkStatus& chunk, const Error& error);
  void request_failed(const FailedRequest& failed);
  void connection_changed();

 private:
  // What is known of one thread.
  struct Work {
    PlannedThread planned;
    std::int64_t messages = 0;
    int pages = 0;
    int silences = 0;                // in a row
    std::set<std::string> tried{};   // keys of choices that need not be tried again
    std::optional<Anchor> cursor{};  // how far the last answer went
    std::string awaited{};           // id of the anchor whose answer is awaited; empty: it came
    bool asked = false;
    bool exhausted = false;
    bool looked_up = false;  // the LID of the person
    std::optional<Error> failure{};
    bool over = false;
  };
  struct Request {
    std::shared_ptr<Work> work;
    std::string anchor;
    Jid chat;                          // as it was named
    bool other_address_known = false;  // it could have been named another way
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
  std::exception_ptr failure_;  // of the first worker that had one
  int workers_ = 0;
  std::deque<std::shared_ptr<Work>> queue_;
  std::vector<std::shared_ptr<Work>> all_;
  std::map<std::string, Request> requests_;  // by id, of this run
  bool phone_answers_ = false;
  bool by_phone_number_ = false;  // how the phone knows chats, as far as it has answered
  int silent_threads_ = 0;        // in a row, each at its first request
  BackfillResult result_;
};

}  // namespace wasync
