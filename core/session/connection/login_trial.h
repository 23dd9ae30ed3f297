// Whether WhatsApp lets a device in and answers it: a login that leaves no trace.
//
// It is passive, as every login begins: until the device calls itself "active" the server delivers
// nothing that waits for it (whatsmeow connectionevents.go). Nothing is acknowledged and nothing is
// stored. But a device has one connection: whoever else is connected as it is thrown out, so that
// the caller must know that nobody is.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "session/connection/session_options.h"

namespace wasync {

// Logs in as `device`, pings once and leaves; takes `patience` at most. Throws what connecting
// throws, what the server says against it (stream_end.h), and Error(kTimeout).
boost::asio::awaitable<Pong> try_login(SessionOptions options, Device device,
                                       std::chrono::milliseconds patience);

}  // namespace wasync
