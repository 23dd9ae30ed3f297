// Taking this host off the phone's list of linked devices.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "session/session.h"

namespace wasync {

// Logs in as `device` and asks WhatsApp to remove it, which needs nothing of its account
// file: the device may have been replaced there already. Throws what connecting throws,
// Error(kLoggedOut) when it is no longer linked, and Error kServerRefused or kTimeout.
boost::asio::awaitable<void> unlink_device(SessionOptions options, Device device);

}  // namespace wasync
