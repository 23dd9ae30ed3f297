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
  bool no_access = false;     // it has, but will not hand it to this device
  bool known = true;          // false: there is no such thread, the answer was dropped
  // The oldest of them, also when it is nothing that a conversation shows: the next request goes
  // on from there. No id when there was none.
  MessageKey oldest{};
  UnixSeconds oldest_at{};
};

}  // namespace wasync
