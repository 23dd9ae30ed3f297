// The text inside the pairing QR code.
#pragma once

#include <string>
#include <string_view>

#include "session/device/device.h"

namespace wasync {

// Today's form: a link that opens WhatsApp's "linked devices" screen. Its fragment carries the
// server's ref, our three keys, and what kind of client we are (fact source: whatsmeow pair.go).
// `ref` comes from the server's <pair-device>; throws Error(kProtocol) when a link cannot carry it.
std::string qr_payload(std::string_view ref, const DeviceKeys& keys);

}  // namespace wasync
