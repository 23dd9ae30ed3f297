// Backfills over a listener's connection: for commands on the control socket, for the HTTP API, and
// for the schedule (account_auto_backfill.h). At most one runs at a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "base/wake.h"
#include "service/backfill_line.h"
#include "service/control.h"
#include "service/held_account.h"
#include "service/service_view.h"
#include "session/backfill/backfill.h"

namespace wasync {

namespace firestore {
class ClientThread;
}

// Used from one io_context thread. Must live until end() has returned.
class AccountBackfills {
 public:
  // `firestore` looks up anchors that this host does not have; null without Firestore. It and
  // `held` outlive this object.
  AccountBackfills(boost::asio::any_io_executor executor, const HeldAccount& held,
                   firestore::ClientThread* firestore);

  bool running() const { return job_ != nullptr; }

  // All three throw Error(kHeldElsewhere) while another one runs, and Error(kNetwork) when the
  // account is not kept connected.
  //
  // `request` is one of backfill_line.h. Tells the asker what happens, and returns the last line;
  // throws why it ended early. An asker that goes ends it.
  boost::asio::awaitable<nlohmann::ordered_json> answer(nlohmann::ordered_json request,
                                                        std::shared_ptr<ControlAsker> asker);
  // Only starts it, and logs the result. Returns a message when one runs already.
  BackfillStart start(const BackfillRequest& request);
  // Returns when it is over; throws why it ended early. `scheduled`: no user asked for it.
  boost::asio::awaitable<void> run(BackfillRequest request, Backfill::Report report,
                                   bool scheduled);

  // Events of the connection, for the backfill that runs.
  void connection_changed();
  void chunk_done(const ChunkStatus& chunk);
  void chunk_failed(const ChunkStatus& chunk, const Error& error);
  void request_failed(const FailedRequest& failed);

  // Ends the one that runs. Returns when it is over and its asker has been told.
  boost::asio::awaitable<void> end(const Error& reason);

 private:
  std::shared_ptr<Backfill> make(const BackfillRequest& request, Backfill::Report report,
                                 bool scheduled);
  boost::asio::awaitable<void> work_off(std::shared_ptr<Backfill> job);
  boost::asio::awaitable<BackfillPlan> with_held_anchors(BackfillPlan plan);

  boost::asio::any_io_executor executor_;
  const HeldAccount& held_;
  firestore::ClientThread* firestore_;
  std::shared_ptr<Backfill> job_;  // the one that runs
  Wake over_;                      // the job has ended
};

}  // namespace wasync
