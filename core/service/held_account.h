// The account that a run holds, as the run's parts see it (account_uploads.h, account_backfills.h
// and so on). AccountRun makes one for its parts; tests make their own.
#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "inbox/ids.h"
#include "service/account_life.h"
#include "service/service_event.h"

namespace wasync {

class Database;
class Session;

// Called on the io thread, where they return at once. Outlives the parts.
struct HeldAccount {
  AccountId id;
  std::function<AccountState()> state;
  // Its file, from when it was taken until nothing of it is used any more; else null.
  std::function<Database*()> database;
  std::function<bool()> is_online;
  // The present one or, until there is another, the last; null before the first, and at rest.
  std::function<std::shared_ptr<Session>()> session;
  std::function<bool()> history_busy;  // something of the history is being taken in
  // No effect where there is no connection. What comes of it depends on the reason.
  std::function<void(const std::exception_ptr& reason)> end_connection;
  std::function<void()> wake_uploads;  // there is something new
  std::function<void(const ServiceEvent&)> report;
};

}  // namespace wasync
