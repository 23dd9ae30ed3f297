// Time as WhatsApp counts it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace wasync {

// Seconds since 1970-01-01 UTC, the unit of every WhatsApp timestamp. Zero means unknown.
struct UnixSeconds {
  std::int64_t value = 0;

  static UnixSeconds now() {
    using namespace std::chrono;
    return {duration_cast<seconds>(system_clock::now().time_since_epoch()).count()};
  }
  bool known() const { return value > 0; }
  auto operator<=>(const UnixSeconds&) const = default;
};

}  // namespace wasync
