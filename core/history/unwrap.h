// Peels the envelopes off a Message: what was sent to disappear, to be seen once, as a copy
// for our other devices, … lies one or more levels down.
#pragma once

namespace wasync {

namespace pb {
class Message;
}

// `content` points into the message given to `unwrap` and lives as long as it.
struct Unwrapped {
  const pb::Message* content = nullptr;
  bool view_once = false;
};

// Never fails: an envelope without a message inside, or one nested absurdly deep, is
// returned as it is and maps to an unknown kind.
Unwrapped unwrap(const pb::Message& message);

}  // namespace wasync
