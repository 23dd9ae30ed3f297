// What a device needs to know to go online, beside itself.
#pragma once

#include <chrono>

#include "session/connection/client_payload.h"
#include "session/connection/stream.h"
#include "wire/connection.h"

namespace wasync {

struct SessionOptions {
  Endpoint endpoint;
  CompanionOptions companion;
  StreamTimings timings;
  std::chrono::milliseconds connect_timeout{30'000};
};

}  // namespace wasync
