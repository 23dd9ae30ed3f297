// Stanzas that we cannot use. The server keeps what was refused (a nack), gives it first at each
// login, and may hold everything else back for it. So each is refused a few times, in the hope that
// the fault was ours and passes, and then acked as if it had been used: what nobody can use is no
// reason to get nothing else. Facts: Baileys #2779; whatsapp-rust #647, #650.
#pragma once

#include <cstdint>

#include "session/connection/receipt.h"
#include "wire/node.h"

namespace wasync {

class Database;

// Remembered across sessions, the last thousand.
class RefusedStanzas {
 public:
  // Of one login. Keeps the reference.
  explicit RefusedStanzas(Database& database);

  // Notes a delivery of the stanza, in the caller's transaction, and logs the first. True when it
  // is to be acked now: at its third delivery in one login; at its first in a later one; and at
  // once when it comes from the offline queue and is of no use however often it comes (every nack
  // but kUnhandledError).
  bool enough(const Node& stanza, Nack why);

 private:
  Database& database_;
  const std::int64_t login_;
};

}  // namespace wasync
