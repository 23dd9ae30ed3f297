// What later stanzas do to an earlier message: react, edit, vote, revoke, deliver.
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
  std::vector<PollOption> poll_options{};  // for a poll; empty: unchanged
  std::optional<MediaFacts> media_facts{};
};

// A vote or the answer to an invitation. Each person's newest one counts.
struct AnswerTo {
  Jid chat{};
  MessageKey target{};
  Jid by{};
  std::string picks{};  // see Answer
  UnixSeconds at{};
};

// A person adds an option to a poll.
struct AddedOption {
  Jid chat{};
  MessageKey target{};
  Jid by{};
  std::string name{};  // exactly as received: votes name it by its hash
  UnixSeconds at{};
};

struct Revoke {
  Jid chat{};
  MessageKey target{};
  Jid by{};
  bool by_admin = false;  // the caller knows that `by` is an admin of the group
  UnixSeconds at{};
};

struct Receipt {
  Jid chat{};
  std::vector<std::string> ids{};  // key ids of our own messages
  DeliveryStatus status = DeliveryStatus::kDelivered;
  UnixSeconds at{};
};

}  // namespace wasync
