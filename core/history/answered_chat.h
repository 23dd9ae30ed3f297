// What an answer to an on-demand request says of one chat.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/jid.h"
#include "inbox/message.h"

namespace wasync {

struct AnsweredChat {
  Jid chat;
  std::int64_t messages = 0;  // that the answer held for it
  bool exhausted = false;     // the phone has nothing older
  bool no_access = false;     // the phone has older ones, but gives none to this device
  bool known = true;          // false: there is no such thread, the answer was dropped
  // The oldest of the messages, even if a conversation does not show it: the next request goes on
  // from there. The id is empty when there was no message.
  MessageKey oldest{};
  UnixSeconds oldest_at{};
};

}  // namespace wasync
