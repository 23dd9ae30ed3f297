// Who a Signal session is with: one device of one user.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/jid.h"

namespace wasync {

// `name` is the user part of the JID, with `_<domain>` behind it for every addressing other
// than by phone number: a person's LID and phone number are two unrelated users to Signal,
// although the user parts might look alike. Domains as on the wire: LID 1, hosted 128,
// hosted LID 129 (whatsmeow types/jid.go). The text exists in our own store only; peers
// never see it.
struct SignalAddress {
  std::string name;
  std::uint16_t device = 0;

  // Never folds the device: `Jid::bare()` first would address another device.
  static SignalAddress from(const Jid& jid);

  auto operator<=>(const SignalAddress&) const = default;
};

}  // namespace wasync
