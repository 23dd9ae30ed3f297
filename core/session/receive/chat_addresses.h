// How to name a chat to our phone. A phone that has moved to LIDs knows a person's chat by the LID
// alone, another by the phone number alone; which ours is, it does not say. So it is asked by the
// LID, and by the number when it does not answer (mautrix-whatsapp backfill.go, whatsapp-rust
// pdo.rs).
#pragma once

#include <vector>

#include "base/jid.h"

namespace wasync {

class Database;

// The chat's LID and its phone number, as far as they are known; of a group its own address. Never
// empty.
std::vector<Jid> chat_addresses(Database& database, const Jid& chat);

}  // namespace wasync
