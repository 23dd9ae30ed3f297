// Linking: becoming a device of somebody's account by a QR code that their phone scans, or by
// a code of eight characters that they type on it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "session/connection/client_payload.h"
#include "session/connection/stream.h"
#include "session/device/device.h"
#include "session/online/stop.h"
#include "wire/connection.h"

namespace wasync {

struct LinkOptions {
  Endpoint endpoint;
  CompanionOptions companion;
  // The number of the phone that a code is to be typed on, "+40737123397"; empty: show QR codes.
  std::string phone;
  StreamTimings timings;
  std::chrono::milliseconds connect_timeout{30'000};
  // How long each QR code stays on the screen: the server accepts the first of a batch for a
  // minute and every later one for 20 seconds. A typed code is good for the whole batch: then
  // the server ends the connection.
  std::chrono::milliseconds first_qr_lifetime{60'000};
  std::chrono::milliseconds qr_lifetime{20'000};
  // How long to go on, over new connections, when nobody answers.
  std::chrono::milliseconds timeout{600'000};
};

struct LinkEvents {
  // A QR code, or a code to type ("ABCD-EFGH"), to show instead of the previous one.
  std::function<void(const std::string& text, std::chrono::milliseconds expires_in)> on_qr;
  std::function<void(const std::string& code, std::chrono::milliseconds expires_in)> on_code;
  // The phone has vouched for us. Must make device and keys durable before it returns:
  // the server is told only after that. `account_key` is the phone's identity key. An
  // exception makes the attempt fail with it, and the server is told so.
  std::function<void(const Device& device, const DeviceKeys& keys, const PublicKey& account_key)>
      on_linked;
};

// Returns once linked and the server has asked for the new connection that a linked
// device logs in with. Throws Error: kTimeout when nobody scanned or typed, kPairingFailed when
// signatures do not verify, kServerRefused when there is no code for this phone number,
// kPasskeyRequired, what Connection::connect and the events throw, and the reason of `stop`,
// which must outlive the call. Afterwards no event is called any more.
boost::asio::awaitable<void> link_device(LinkOptions options, LinkEvents events, Stop& stop);

}  // namespace wasync
