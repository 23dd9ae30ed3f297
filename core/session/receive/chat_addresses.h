// How to name a chat to our phone. A phone that has moved to LIDs knows a person's chat by the LID
// alone; another phone knows it by the phone number alone. Our phone does not say which kind it is.
// So we ask it by the LID, and by the number when it does not answer (mautrix-whatsapp backfill.go,
// whatsapp-rust pdo.rs).
#pragma once

#include <vector>

#include "base/jid.h"

namespace wasync {

class Database;

// The chat's LID and its phone number, as far as we know them; for a group, its own address. Never
// empty.
std::vector<Jid> chat_addresses(Database& database, const Jid& chat);

}  // namespace wasync
