// Peels the envelopes off a Message. A message that disappears, a view-once message, a copy for our
// other devices and others have their content one or more levels down.
#pragma once

#include <string>

namespace wasync {

namespace pb {
class Message;
class MessageContextInfo;
}  // namespace pb

// Both point into the message given to `unwrap` and live as long as it.
struct Unwrapped {
  const pb::Message* content = nullptr;
  const pb::MessageContextInfo* context = nullptr;  // the innermost that there is; may be null
  bool view_once = false;
  // messageContextInfo.messageSecret, of whichever level has one; null: none has.
  const std::string* secret = nullptr;
};

// Never fails: returns an envelope without a message inside, or one nested absurdly deep, as it is;
// it then maps to an unknown kind.
Unwrapped unwrap(const pb::Message& message);

}  // namespace wasync
