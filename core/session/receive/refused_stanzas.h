// Stanzas that we cannot use. The server keeps a stanza that we refused (a nack), gives it first at
// each login, and may hold everything else back because of it. So we refuse each stanza a few
// times, in the hope that the fault is ours and passes, and then ack it as if we had used it: a
// stanza that no one can use must not keep everything else from us. Facts: Baileys #2779;
// whatsapp-rust #647, #650.
#pragma once

#include <cstdint>

#include "session/connection/receipt.h"
#include "wire/node.h"

namespace wasync {

class Database;

// Remembers the last thousand across sessions.
class RefusedStanzas {
 public:
  // Make one for each login. Keeps the reference.
  explicit RefusedStanzas(Database& database);

  // Notes a delivery of the stanza, in the caller's transaction, and logs the first. True when we
  // should ack it now: at its third delivery in one login; at its first in a later one; and at once
  // when it comes from the offline queue and is of no use however often it comes (every nack but
  // kUnhandledError).
  bool enough(const Node& stanza, Nack why);

 private:
  Database& database_;
  const std::int64_t login_;
};

}  // namespace wasync
