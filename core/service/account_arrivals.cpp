#include "service/account_arrivals.h"

#include <utility>

#include "inbox/account.h"
#include "inbox/queries.h"

namespace wasync {

AccountArrivals::AccountArrivals(boost::asio::any_io_executor executor, const HeldAccount& held,
                                 AccountRecord& record, std::chrono::milliseconds pace)
    : held_(held), record_(record), pace_(pace), executor_(std::move(executor)) {}

void AccountArrivals::came(std::uint64_t messages) {
  record_.stored(messages);
  untold_ += messages;
  if (!due_) due_.emplace(executor_, std::chrono::steady_clock::now() + pace_, [this] { note(); });
}

void AccountArrivals::note() {
  Database* const database = held_.database();
  if (!due_) return;
  due_.reset();
  if (database == nullptr) return;
  try {
    const UnixSeconds newest = inbox_totals(*database).newest_message_at;
    update_account(*database, [&](Account& account) {
      account.last_realtime_ingest_at = record_.last_message();
      account.last_realtime_message_at = newest;
    });
    held_.wake_uploads();
  } catch (const Error& error) {
    held_.end_connection(std::make_exception_ptr(error));
  }
  held_.report(service_event::Received{.account = held_.id, .messages = std::exchange(untold_, 0)});
}

}  // namespace wasync
