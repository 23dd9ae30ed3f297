// Takes this host off the phone's list of linked devices.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "session/connection/session_options.h"

namespace wasync {

class Database;

enum class Unlinked {
  kNow,
  kAlready,  // the phone, or somebody else, had removed the device before
};

// Logs in as `device` and asks WhatsApp to remove it. This needs nothing of the device's account
// file, which may hold a newer device already. Throws what connecting throws, and Error
// kServerRefused or kTimeout.
boost::asio::awaitable<Unlinked> unlink_device(SessionOptions options, Device device);

// The same for the account's device. Then forgets the device here, with its Signal state and the
// history that we can no longer fetch; the inbox stays. When it throws, nothing has changed here.
// It does not ask WhatsApp when there is no device, or when we know that the device is logged out.
boost::asio::awaitable<Unlinked> unlink_account(Database& database, SessionOptions options);

}  // namespace wasync
