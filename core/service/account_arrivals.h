// Messages as they come in. Each is counted at once; reports and the account's row follow every two
// seconds, because a thousand messages may come in a second.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/deadline.h"
#include "service/account_record.h"
#include "service/held_account.h"

namespace wasync {

// Used from one io_context thread.
class AccountArrivals {
 public:
  static constexpr std::chrono::milliseconds kUsualPace = std::chrono::seconds(2);

  // `held` and `record` outlive this object.
  AccountArrivals(boost::asio::any_io_executor executor, const HeldAccount& held,
                  AccountRecord& record, std::chrono::milliseconds pace = kUsualPace);

  void came(std::uint64_t messages);
  // Writes the row and reports now, if anything has come since the last report. A row that cannot
  // be written ends the connection.
  void note();

 private:
  const HeldAccount& held_;
  AccountRecord& record_;
  std::chrono::milliseconds pace_;
  boost::asio::any_io_executor executor_;
  std::uint64_t untold_ = 0;
  std::optional<Deadline> due_;  // while something is untold
};

}  // namespace wasync
