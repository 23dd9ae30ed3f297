// Linking makes this host a device of somebody's account: by a QR code that their phone scans, or
// by a code of eight characters that they type on it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "session/link/link_options.h"
#include "session/online/stop.h"

namespace wasync {

// Returns once this host is linked and the server has asked for the new connection that a linked
// device logs in with. Throws Error: kTimeout when no one scanned or typed, kPairingFailed when
// signatures do not verify, kServerRefused when there is no code for this phone number,
// kPasskeyRequired when the account's passkey must answer but the answers have ended. Also throws
// what Connection::connect and the events throw, and the reason of `stop`, which must outlive the
// call. It calls no event after it has ended.
boost::asio::awaitable<void> link_device(LinkOptions options, LinkEvents events, Stop& stop);

}  // namespace wasync
