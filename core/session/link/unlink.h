// Taking this host off the phone's list of linked devices.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "session/connection/session_options.h"

namespace wasync {

class Database;

enum class Unlinked {
  kNow,
  kAlready,  // the phone, or somebody else, had removed the device before
};

// Logs in as `device` and asks WhatsApp to remove it, which needs nothing of its account
// file: the device may have been replaced there already. Throws what connecting throws, and
// Error kServerRefused or kTimeout.
boost::asio::awaitable<Unlinked> unlink_device(SessionOptions options, Device device);

// The same for the account's device, which is then forgotten here, with its Signal state and
// the history that can no longer be fetched; the inbox stays. When it throws, nothing has
// changed here. Without a device, or with one that is known to be logged out, WhatsApp is not
// asked.
boost::asio::awaitable<Unlinked> unlink_account(Database& database, SessionOptions options);

}  // namespace wasync
