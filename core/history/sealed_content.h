// Opens what is sealed with a message's secret (inbox/sealed.h), and stores what it says: edits,
// reactions, votes, comments.
//
// The key is HKDF-SHA256 over the secret, with an empty salt and as info the message's id, its
// author, who seals, and the use case, one behind the other; the cipher AES-256-GCM. Votes and
// answers to invitations authenticate the message's id, a zero byte and who seals as well. Facts:
// whatsmeow msgsecret.go, whatsapp-rust secret_enc_addon.rs, Baileys process-message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "inbox/sealed.h"

namespace wasync {

class InboxWriter;

// "Message Edit", "Poll Vote" and so on: what a key is made for. Of some kinds clients disagree:
// then the likelier one is first. Empty: of a kind that nothing opens.
std::vector<std::string_view> use_cases(SealedKind kind);

struct SealKey {
  Bytes key;
  std::string bound;  // authenticated with the text
};
// `id` and `author` are the message's; the addresses bare.
SealKey seal_key(std::string_view use_case, BytesView secret, const std::string& id,
                 const std::string& author, const std::string& sender);

// Its plaintext; nothing when no spelling of the addresses opens it.
std::optional<Bytes> opened(const Sealed& sealed, const Seal& seal);

// In the writer's transaction. What does not open is counted, and kept while its message or the
// secret may still come; a comment then stands in the conversation as something unknown.
void store_sealed(const Sealed& sealed, InboxWriter& inbox);

// Those whose message's secret the writer has stored since: to be called before its transaction
// ends.
void open_kept(InboxWriter& inbox);

}  // namespace wasync
