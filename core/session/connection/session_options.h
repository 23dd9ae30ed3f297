// What a device needs to know to go online, besides its own data.
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
  // Asks which web version is current after the server refused `companion`'s (405). It blocks, so
  // we call it on a worker thread. Empty: we try no other version.
  std::function<CompanionOptions()> companion_again{};
  StreamTimings timings;
  std::chrono::milliseconds connect_timeout{30'000};
  // Connections before this one, one after the other, that brought nothing of use and were ended
  // for that: see patience() in receive/rhythm.h.
  int silent_before = 0;
};

}  // namespace wasync
