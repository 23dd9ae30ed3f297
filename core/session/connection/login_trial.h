// Tests whether WhatsApp lets a device in and answers it, by a login that leaves no trace.
//
// The login stays passive, as every login begins: until the device calls itself "active", the
// server delivers nothing that waits for it (whatsmeow connectionevents.go). We acknowledge nothing
// and store nothing. But a device has only one connection: the server throws out any other one. So
// the caller must know that the device has no other connection.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "session/connection/session_options.h"

namespace wasync {

// Logs in as `device`, pings once and leaves; takes `patience` at most. Throws what connecting
// throws, the server's objection (stream_end.h), and Error(kTimeout).
boost::asio::awaitable<Pong> try_login(SessionOptions options, Device device,
                                       std::chrono::milliseconds patience);

}  // namespace wasync
