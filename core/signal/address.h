// Who a Signal session is with: one device of one user.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/jid.h"

namespace wasync {

// `name` is the user part of the JID. Unless the JID is a phone number, `_<domain>` follows: to
// Signal, a person's LID and phone number are two unrelated users, although the user parts
// might look alike. Domains as on the wire: LID 1, hosted 128, hosted LID 129 (whatsmeow
// types/jid.go). Only our own store has this text; peers never see it.
struct SignalAddress {
  std::string name;
  std::uint16_t device = 0;

  // Keeps the device. Do not call `Jid::bare()` first: that addresses another device.
  static SignalAddress from(const Jid& jid);

  auto operator<=>(const SignalAddress&) const = default;
};

}  // namespace wasync
