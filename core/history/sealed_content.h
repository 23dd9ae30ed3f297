// Opens what is sealed with a message's secret (inbox/sealed.h), and stores what it says: edits,
// reactions, votes, comments.
//
// The key is HKDF-SHA256 over the secret, with an empty salt and as info the message's id, its
// author, who seals, and the use case, one behind the other; the cipher AES-256-GCM. Votes and
// answers to invitations authenticate the message's id, a zero byte and who seals as well. Facts:
// whatsmeow msgsecret.go, whatsapp-rust secret_enc_addon.rs, Baileys process-message.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "inbox/sealed.h"

namespace wasync {

class InboxWriter;

// Its plaintext; nothing when no spelling of the addresses opens it.
std::optional<Bytes> opened(const Sealed& sealed, const Seal& seal);

// In the writer's transaction. What does not open is counted, and kept while its message or the
// secret may still come; a comment then stands in the conversation as something unknown.
void store_sealed(const Sealed& sealed, InboxWriter& inbox);

// Those whose message's secret the writer has stored since: to be called before its transaction
// ends.
void open_kept(InboxWriter& inbox);

}  // namespace wasync
