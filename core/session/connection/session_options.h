// What a device needs to know to go online, beside itself.
#pragma once

#include <chrono>
#include <functional>

#include "session/connection/client_payload.h"
#include "session/connection/stream.h"
#include "wire/connection.h"

namespace wasync {

struct SessionOptions {
  Endpoint endpoint;
  CompanionOptions companion;
  // Asks which web version is current, once `companion`'s was refused (405); blocks, so it is
  // called on a worker thread. Empty: who was refused stays so.
  std::function<CompanionOptions()> companion_again{};
  StreamTimings timings;
  std::chrono::milliseconds connect_timeout{30'000};
};

}  // namespace wasync
