// A backfill with its own connection, for an account that no other process has online.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>

#include "session/backfill/backfill.h"
#include "session/device/account_file.h"
#include "session/online/online.h"
#include "session/online/stop.h"

namespace wasync {

// Goes online, runs the job, and goes offline again once the phone has its receipts. Throws what
// the job throws, the reason why the account cannot go online, and the reason of `stop`; it reports
// Done before that. Fetches blobs on `workers`. `account` and `stop` must outlive the call. It
// calls no event after it has ended.
boost::asio::awaitable<void> run_backfill(boost::asio::any_io_executor workers,
                                          AccountFile& account, std::filesystem::path file,
                                          OnlineOptions online, BackfillPlan plan,
                                          BackfillLimits limits, Backfill::Report report,
                                          Stop& stop);

}  // namespace wasync
