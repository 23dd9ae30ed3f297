// Time as WhatsApp counts it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace wasync {

// Seconds since 1970-01-01 UTC, the unit of every WhatsApp timestamp. Zero means unknown.
struct UnixSeconds {
  std::int64_t value = 0;

  // The right time: the host's clock, unless WhatsApp's servers have told that it is wrong by more
  // than a minute (`learn_time`). A clock that is set while we run makes no difference either.
  static UnixSeconds now();
  // What this host's clock shows, right or wrong.
  static UnixSeconds of_host() {
    using namespace std::chrono;
    return {duration_cast<seconds>(system_clock::now().time_since_epoch()).count()};
  }
  bool known() const { return value > 0; }
  auto operator<=>(const UnixSeconds&) const = default;
};

// For the whole process, from any thread: a server that has proved who it is says what time it is.
// Times before WhatsApp began, and an unknown one, change nothing.
void learn_time(UnixSeconds told);
// Whether one has, also when it said that the host's clock is right.
bool time_was_told();
// As before anything was learned.
void forget_time();

}  // namespace wasync
