// What the process that holds an account answers over the control socket (control.h), beside
// backfills (backfill_line.h) and repairs (account_repair.h):
//
//   {"request":"status"}
//   {"event":"status", "instance":"host-1", "status":"connected", …, "end":true}
//   {"request":"ping", "timeout_ms":6000}
//   {"event":"ping", "round_trip_ms":48, "server_time":1790000000, "end":true}
//   {"event":"ping", "code":"network", "reason":"Connection refused", "hint":"", "end":true}
//   {"request":"release"}
//   {"event":"released", "end":true}
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "service/account_backfills.h"
#include "service/account_record.h"
#include "service/account_uploads.h"
#include "service/control.h"
#include "service/held_account.h"

namespace wasync {

// Used from one io_context thread.
class AccountAnswers {
 public:
  // `instance`: who we are. `release` lets the account go, soon. What is referred to outlives this
  // object.
  AccountAnswers(const HeldAccount& held, const AccountRecord& record,
                 const AccountUploads& uploads, AccountBackfills& backfills, std::string instance,
                 std::function<void()> release);

  // For ControlServer. Throws Error(kUsage) for what is no request.
  boost::asio::awaitable<nlohmann::ordered_json> answer(nlohmann::ordered_json request,
                                                        std::shared_ptr<ControlAsker> asker);

 private:
  nlohmann::ordered_json status() const;
  boost::asio::awaitable<nlohmann::ordered_json> ping(nlohmann::ordered_json request) const;
  nlohmann::ordered_json repair(const nlohmann::ordered_json& request);

  const HeldAccount& held_;
  const AccountRecord& record_;
  const AccountUploads& uploads_;
  AccountBackfills& backfills_;
  std::string instance_;
  std::function<void()> release_;
};

}  // namespace wasync
