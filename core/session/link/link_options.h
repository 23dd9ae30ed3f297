// The options of a linking, and the events that it reports.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/phrase.h"
#include "session/connection/client_payload.h"
#include "session/connection/stream.h"
#include "session/device/device.h"
#include "session/link/link_answers.h"
#include "wire/connection.h"

namespace wasync {

struct LinkOptions {
  Endpoint endpoint;
  CompanionOptions companion;
  // See SessionOptions.
  std::function<CompanionOptions()> companion_again{};
  // The number of the phone on which the user types a code, "+40737123397"; empty: show QR codes.
  std::string phone;
  StreamTimings timings;
  std::chrono::milliseconds connect_timeout{30'000};
  // How long each QR code stays on the screen: the server accepts the first of a batch for a
  // minute and every later one for 20 seconds. A typed code is good for the whole batch: then
  // the server ends the connection.
  std::chrono::milliseconds first_qr_lifetime{60'000};
  std::chrono::milliseconds qr_lifetime{20'000};
  // How long to go on, over new connections, when no one uses a code.
  std::chrono::milliseconds timeout{600'000};
  // The answers: the assertion of a passkey, and the word that the user compared a code. Null: no
  // answers will come.
  std::shared_ptr<LinkAnswers> answers;
};

struct LinkEvents {
  // A QR code, or a code to type ("ABCD-EFGH"), to show instead of the previous one.
  std::function<void(const std::string& text, std::chrono::milliseconds expires_in)> on_qr;
  std::function<void(const std::string& code, std::chrono::milliseconds expires_in)> on_code;
  // The account's passkey has to answer these WebAuthn options (one line of JSON). The next answer
  // is its assertion. When an assertion does not fit, on_passkey_refused says why, and another one
  // may follow. New options may come; they replace these.
  std::function<void(const std::string& options, std::chrono::milliseconds expires_in)> on_passkey;
  std::function<void(const Words& why)> on_passkey_refused;
  // The code that the phone shows as well. With `compare`, linking waits for the answer "yes".
  std::function<void(const std::string& code, bool compare)> on_passkey_code;
  // The phone has vouched for us. Must make device and keys durable before it returns: we tell the
  // server only after that. `account_key` is the phone's identity key. When it throws, the attempt
  // fails with that exception, and we tell the server so.
  std::function<void(const Device& device, const DeviceKeys& keys, const PublicKey& account_key)>
      on_linked;
};

}  // namespace wasync
