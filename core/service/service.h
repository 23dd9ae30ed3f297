// What `wa-sync listen` runs: every paired account of a state directory, until it is stopped.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/host_sleep.h"
#include "firestore/inbox.h"
#include "inbox/ids.h"
#include "inbox/state_dir.h"
#include "service/backfill_line.h"
#include "service/backfill_schedule.h"
#include "service/lease_life.h"
#include "service/service_event.h"
#include "service/service_view.h"
#include "session/online/session.h"

namespace wasync {

struct ServiceOptions {
  SessionOptions session;
  std::string instance_id;  // who we are in leases
  LeaseLife life{};         // and which life of it; empty: the id alone says who we are
  std::optional<FirestoreInbox> inbox{};
  std::optional<FirestoreInbox> leases{};  // the same, with credentials of its own
  std::vector<AccountId> only{};           // empty: all there are, and those that come
  std::optional<bool> search_index{};      // see AccountFile

  // Between connections.
  std::chrono::milliseconds first_backoff = std::chrono::seconds(1);
  std::chrono::milliseconds most_backoff = std::chrono::minutes(5);
  BootTime boot_time{};        // of the waits that go on while the host sleeps
  BackfillRequest backfill{};  // what start_backfill does
  // Scheduled ones choose their threads as `backfill` does.
  AutoBackfillOptions auto_backfill{};
  // How often is looked for new accounts, and whether one that others hold has become free.
  std::chrono::milliseconds look_every = std::chrono::seconds(2);
  // A claim to an account, renewed three times as often.
  std::chrono::seconds lease = std::chrono::seconds(90);
  std::optional<std::chrono::milliseconds> renew_lease_every{};  // another time than that
  // At the end: for the last documents to be sent.
  std::chrono::milliseconds last_moment = std::chrono::seconds(5);
  // An account that WhatsApp refuses is tried again after so long; its web version is asked for
  // anew then (called on a worker thread).
  std::chrono::milliseconds refused_rest = std::chrono::hours(1);
  std::function<CompanionOptions()> companion{};
};

// Used from one io_context thread; held by shared_ptr; run() once.
class Service : public std::enable_shared_from_this<Service> {
 public:
  using Report = std::function<void(const ServiceEvent&)>;

  // `workers`: threads for blobs, at least two. All events come on the io thread.
  Service(boost::asio::any_io_executor executor, boost::asio::any_io_executor workers,
          StateDir state, ServiceOptions options, Report report);
  ~Service();

  // Until stop(); then every account is disconnected in order, and what is unsent gets a moment.
  boost::asio::awaitable<void> run();
  void stop();
  // Accounts that rest because they were refused are tried again now.
  void retry();

  ServiceState state() const;
  // See ServiceView.
  BackfillStart start_backfill(const AccountId& account);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wasync
