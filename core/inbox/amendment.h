// What later stanzas do to a message that was sent before: react, edit, revoke, deliver.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"
#include "inbox/message.h"

namespace wasync {

// `target` names the message as the amending stanza quotes it: its id and from_me (from our
// point of view), and its author in groups. `by` is who amends; empty for ourselves.
struct Reaction {
  Jid chat{};
  MessageKey target{};
  Jid by{};
  std::string emoji{};  // empty removes
  UnixSeconds at{};
};

struct Edit {
  Jid chat{};
  MessageKey target{};
  Jid by{};
  std::optional<std::string> body{};
  UnixSeconds at{};
};

struct Revoke {
  Jid chat{};
  MessageKey target{};
  Jid by{};
  bool by_admin = false;  // the caller knows `by` to be an admin of the group
  UnixSeconds at{};
};

struct Receipt {
  Jid chat{};
  std::vector<std::string> ids{};  // key ids of our own messages
  DeliveryStatus status = DeliveryStatus::kDelivered;
  UnixSeconds at{};
};

}  // namespace wasync
